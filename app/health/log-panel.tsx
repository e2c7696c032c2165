import { useEffect, useState } from 'react'
import { call } from '#lib/client/call'
import { listLogs } from '#lib/client/endpoints'
import type { LogEntry, LogLevel } from '#lib/contract/server'
import { messageOf } from '#lib/errors'
import { Ago } from '../_ui/ago.tsx'
import { Button } from '../_ui/button.tsx'
import { Select } from '../_ui/field.tsx'
import { Notice, Panel } from '../_ui/panel.tsx'
import { useCutOff } from '../_ui/use-cut-off.ts'
import { visible } from '../_ui/visible-text.ts'

const LEVELS: [LogLevel, string][] = [
  ['info', 'Everything'],
  ['warn', 'Warnings and errors'],
  ['error', 'Errors'],
]
const LOOKS: Record<LogLevel, string> = { info: 'text-muted', warn: 'text-warn', error: 'text-err' }

/** The newest entries of the server's log. `asOf` changes when everything is looked at again. */
export function LogPanel({ initial, asOf }: { initial: LogEntry[]; asOf: unknown }) {
  const [level, setLevel] = useState<LogLevel>('info')
  const [entries, setEntries] = useState(initial)
  const [problem, setProblem] = useState<string | null>(null)
  const [asked, setAsked] = useState(0)
  const cutOff = useCutOff()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the last two say when to look again
  useEffect(() => {
    let isWanted = true
    call(listLogs, { query: { level, limit: 200 } }).then(
      found => {
        if (!isWanted) return
        setEntries(found)
        setProblem(null)
      },
      error => isWanted && setProblem(messageOf(error)),
    )
    return () => {
      isWanted = false
    }
  }, [level, asked, asOf])
  return (
    <Panel
      title="Log"
      className="@4xl:col-span-2"
      actions={
        <>
          <Select
            aria-label="Level"
            value={level}
            onChange={event => setLevel(LEVELS.find(([name]) => name === event.target.value)?.[0] ?? 'info')}
          >
            {LEVELS.map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </Select>
          <Button blocked={cutOff} onClick={() => setAsked(asked + 1)}>
            Look again
          </Button>
        </>
      }
    >
      {problem && (
        <div role="alert">
          <Notice tone="err">{problem}</Notice>
        </div>
      )}
      {entries.length === 0 ? (
        <p className="p-3 text-muted">Nothing of that kind.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section aria-label="Log" tabIndex={0} className="max-h-96 overflow-auto">
          <ol className="divide-y">
            {entries.map((entry, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: entries have no name of their own
              <li key={at} className="grid grid-cols-[4.5rem_3.5rem_minmax(0,1fr)] gap-x-2 px-3 py-1">
                <Ago at={entry.time} className="text-muted" />
                <span className={LOOKS[entry.level]}>{entry.level}</span>
                <span className="min-w-0 break-words">
                  {visible(entry.message)}{' '}
                  {Object.keys(entry.data).length > 0 && (
                    <code className="text-xs break-all text-muted">
                      {visible(JSON.stringify(entry.data))}
                    </code>
                  )}
                </span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </Panel>
  )
}
