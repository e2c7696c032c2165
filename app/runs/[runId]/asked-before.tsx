import type { Payload } from '#lib/contract/event'
import type { AskedCommand, AskedConfig } from '#lib/contract/events/human-check-required'
import { FileName, VisibleText } from '../../_ui/visible-code.tsx'
import { WrittenFiles } from '../../_ui/written-files.tsx'
import { WrittenCheckText } from './written-check.tsx'

type Asked = Pick<Payload<'human_check_required'>, 'check' | 'command' | 'config'>

/** What a gate is about that opens before something is run: all of it, with nothing hidden. */
export function AskedBefore({ asked }: { asked: Asked }) {
  if (asked.command) return <CommandText asked={asked.command} />
  if (asked.config) return <ConfigText asked={asked.config} />
  return asked.check ? <WrittenCheckText {...asked.check} /> : null
}

function CommandText({ asked: { command, cwd, rule } }: { asked: AskedCommand }) {
  return (
    <div className="grid min-w-0 gap-2">
      <ExactText name="Command" text={command} />
      <dl className="flex flex-wrap gap-x-6 gap-y-1 text-muted [&_dd]:inline [&_dt]:mr-2 [&_dt]:inline">
        <div>
          <dt>in</dt>
          <dd className="font-mono text-mono">
            {cwd === '.' ? "the project's folder" : <FileName path={cwd} />}
          </dd>
        </div>
        <div>
          <dt>rule</dt>
          <dd className="font-mono text-mono">
            <VisibleText text={rule} />
          </dd>
        </div>
      </dl>
    </div>
  )
}

function ConfigText({ asked: { path, text, goals } }: { asked: AskedConfig }) {
  return (
    <div className="grid min-w-0 gap-2">
      {goals.map((part, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same goal may stand twice
        <div key={i} className="grid min-w-0 gap-1">
          <p>
            Goal{' '}
            <b className="font-medium">
              <VisibleText text={part.goal} />
            </b>
            {part.check_command === undefined && <span className="text-muted">, with its own check</span>}
          </p>
          {part.check_command !== undefined && (
            <ExactText name="Command it would run" text={part.check_command} />
          )}
          {part.goal_options && (
            <ExactText name="Options" text={JSON.stringify(part.goal_options, null, 2)} isCommand={false} />
          )}
        </div>
      ))}
      <WrittenFiles files={[{ path, content: text }]} />
    </div>
  )
}

function ExactText({ name, text, isCommand = true }: { name: string; text: string; isCommand?: boolean }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section tabIndex={0} aria-label={name} className="max-h-[40vh] overflow-auto rounded-md border bg-panel">
      <pre className="px-3 py-2 wrap-anywhere whitespace-pre-wrap">
        {isCommand && <span className="text-muted select-none">$ </span>}
        <VisibleText text={text} />
      </pre>
    </section>
  )
}
