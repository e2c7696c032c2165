'use client'
import clsx from 'clsx'
import { clock, count } from '#lib/client/format'
import { placeInLine } from '#lib/client/hold-words'
import { isFinal } from '#lib/client/status'
import type { Run } from '#lib/contract/runs'
import type { RunEvents } from '../../_hooks/run-events.ts'
import { useNow } from '../../_hooks/use-now.ts'
import { useCutOff } from '../../_ui/use-cut-off.ts'

const QUIET_MS = 20_000
const LONG_MS = 120_000
/** Fewer than these arrive before anybody could read that they are missing. */
const WORTH_SAYING = 50

/** What happens at this moment, under the stream: there is never a state without a visible reason. */
export function LiveTail({ store, run }: { store: RunEvents; run: Run }) {
  const isLive = !isFinal(run.status)
  const now = useNow(1000, isLive)
  const cutOff = useCutOff()
  const refused = store.refused()
  if (refused) return <Tail tone="text-err">Live events are not coming: {refused}</Tail>
  const behind = store.behind()
  if (behind > WORTH_SAYING)
    return <Tail tone="text-info">Catching up: {count(behind, 'event')} to come</Tail>
  // A gate and a pause have panels that say what is waited for.
  if (!isLive || run.status === 'waiting' || run.status === 'paused') return null
  if (cutOff)
    return (
      <Tail tone="text-warn">
        Not connected: what the run does now is not known here
        <AsOf at={store.view().lastEventAt} />
      </Tail>
    )
  const { sentence, since } = nowDoing(store, run)
  const quiet = since === null ? 0 : now - since
  return (
    <Tail tone="text-info" isMoving={run.status === 'running'}>
      <span className="min-w-0 truncate">{sentence}</span>
      {since !== null && quiet >= 1000 && (
        <span className="shrink-0 font-mono text-muted" suppressHydrationWarning>
          {clock(quiet)}
        </span>
      )}
      {run.status === 'running' && quiet > LONG_MS && (
        <span className="hidden text-muted @lg:inline">Abort it with ⇧X if it hangs</span>
      )}
    </Tail>
  )
}

/** When what is shown was true. */
function AsOf({ at }: { at: number }) {
  if (at === 0) return null
  const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }).format(at * 1000)
  return <span className="text-muted">as of {time}</span>
}

function Tail({
  tone,
  isMoving = false,
  children,
}: {
  tone: string
  isMoving?: boolean
  children: React.ReactNode
}) {
  return (
    <div className="flex h-8 items-center gap-2 border-t bg-panel px-3 text-xs">
      <span
        aria-hidden
        data-fill
        className={clsx(
          'size-1.5 shrink-0 rounded-full bg-current',
          tone,
          isMoving && 'motion-safe:animate-pulse',
        )}
      />
      {children}
    </div>
  )
}

function nowDoing(store: RunEvents, run: Run): { sentence: string; since: number | null } {
  const view = store.view()
  const last = view.lastEventAt * 1000 || Date.parse(run.updated_at)
  if (run.status === 'queued')
    return {
      sentence: run.queue ? (placeInLine(run.queue) ?? run.queue.reason) : 'Waiting for a free slot',
      since: last,
    }
  if (view.events.length === 0)
    return { sentence: 'Starting: taking a snapshot of the directory, then the first check', since: last }
  const open = view.rows.findLast(row => 'state' in row && row.state === 'open')
  if (open?.type === 'tool' && open.call) {
    const output = store.liveOutput(open.call.payload.call_id)
    const running = `${open.call.payload.tool} is running`
    if (output && Date.now() - output.at > QUIET_MS)
      return {
        sentence: `${running}, last output ${clock(Date.now() - output.at)} ago`,
        since: open.call.ts * 1000,
      }
    return { sentence: running, since: open.call.ts * 1000 }
  }
  if (open?.type === 'check') return { sentence: 'The goal’s check is running', since: open.startedAt * 1000 }
  if (open?.type === 'think') return { sentence: 'Model is answering', since: open.startedAt * 1000 }
  return { sentence: 'Working', since: last }
}
