// The journal of one run in the browser. It lives outside React: events come in faster than anything should be drawn, so
// they are taken in once per frame, and components read what they need when the version changes.
import type { Live } from '#lib/client/live'
import { isFinal } from '#lib/client/status'
import type { EphemeralEvent, RunEvent } from '#lib/contract/event'
import { createRunView, fromWholeStep, type RunView, type RunViewSeed } from '#lib/contract/run-view'

export interface RunEventsSeed extends RunViewSeed {
  /** A window of the journal, without gaps. */
  events: RunEvent[]
}

export interface RunEvents {
  subscribe(listener: () => void): () => void
  /** Changes when anything below has. */
  version(): number
  view(): RunView
  /** The model's words so far, while it speaks. */
  liveText(): string
  /** The newest output of a call that runs; null: of the goal's check. */
  liveOutput(callId: string | null): LiveOutput | undefined
  /** Seq of the oldest event that is loaded. */
  firstSeq(): number
  older(): 'none' | 'more' | 'loading' | 'failed'
  /** Events that are known to exist and are not here yet. */
  behind(): number
  /** Events that could not be fetched. */
  gap(): { from: number; to: number } | null
  /** What the server said when it did not let us watch. */
  refused(): string | null
  /** Fetches a page of the history before what is loaded; never rejects, see `older`. */
  loadOlder(): Promise<void>
  /** Fetches back to an event. */
  loadTo(seq: number): Promise<void>
  retryGap(): void
  start(live: Live): () => void
}

export interface LiveOutput {
  text: string
  /** Milliseconds. */
  at: number
}

export interface RunEventsDeps {
  /** A page of the stored history, in order of seq; rejects when it cannot be had. */
  fetchPage(query: { after?: number; before?: number; limit: number }): Promise<RunEvent[]>
  /** Calls back when it is time to take in what has come. Returns the way to cancel. */
  schedule(callback: () => void): () => void
}

const PAGE = 1000
/** Of the history before the window, after the first page: each page is folded together with all that is loaded. */
const OLDER_PAGE = 5000
/** Live output kept per call; the whole of it comes with the result. */
const TAIL_CHARS = 20_000
export function createRunEvents(runId: string, seed: RunEventsSeed, deps: RunEventsDeps): RunEvents {
  const { fetchPage } = deps
  const listeners = new Set<() => void>()
  const outputs = new Map<string | null, LiveOutput>()
  let view = createRunView(seed)
  let version = 0
  let text = ''
  let older: ReturnType<RunEvents['older']> = 'none'
  let loading: Promise<void> | null = null
  let known = seed.run.last_seq
  let gap: { from: number; to: number } | null = null
  let refused: string | null = null
  /** Events up to here are being fetched; 0: none. */
  let fillingTo = 0
  let waiting: RunEvent[] = []
  let spoken: EphemeralEvent[] = []
  let scheduled: (() => void) | null = null

  view.append(seed.events)
  const firstSeq = () => view.events[0]?.seq ?? known + 1
  const lastSeq = () => view.events.at(-1)?.seq ?? Math.min(seed.run.last_seq, firstSeq() - 1)
  older = firstSeq() > 1 ? 'more' : 'none'

  function changed() {
    version += 1
    for (const listener of listeners) listener()
  }

  function schedule() {
    scheduled ??= deps.schedule(drain)
  }

  function drain() {
    scheduled = null
    takeWords()
    takeEvents()
    changed()
  }

  function takeWords() {
    for (const event of spoken) {
      if (event.kind === 'text_delta') text = (text + event.payload.text).slice(-TAIL_CHARS)
      else if (event.kind === 'text_discarded') text = ''
      else {
        const { call_id, chunk } = event.payload
        const before = outputs.get(call_id)?.text ?? ''
        outputs.set(call_id, { text: (before + chunk).slice(-TAIL_CHARS), at: Date.now() })
      }
    }
    spoken = []
  }

  function takeEvents() {
    if (fillingTo > 0 || waiting.length === 0) return
    const next = waiting.find(event => event.seq > lastSeq())
    if (next && next.seq > lastSeq() + 1 && view.events.length > 0) {
      void fill(lastSeq() + 1, next.seq - 1)
      return
    }
    take(waiting)
    waiting = []
  }

  function take(events: RunEvent[]) {
    view.append(events)
    for (const event of events) {
      known = Math.max(known, event.seq)
      if (event.kind === 'tool_result') outputs.delete(event.payload.call_id)
      else if (event.kind === 'goal_check') outputs.delete(null)
      else if (['llm_usage', 'step_start'].includes(event.kind)) text = ''
      else if (event.kind === 'run_end' || event.kind === 'recovered') {
        // Of what a server that died had begun, nothing more will come.
        text = ''
        outputs.clear()
      }
    }
  }

  /** Fetches what is missing before what waits; what waits is taken after it, in order. */
  async function fill(from: number, to: number) {
    const isFilling = fillingTo > 0
    fillingTo = Math.max(fillingTo, to)
    if (isFilling) return
    gap = null
    changed()
    let next: Promise<RunEvent[]> | null = null
    try {
      while (lastSeq() < fillingTo) {
        const page = await (next ?? fetchPage({ after: lastSeq(), limit: PAGE }))
        const last = page.at(-1)?.seq
        if (last === undefined) throw new Error('the history has no such events')
        // The next page is on its way while this one is drawn.
        if (last < fillingTo) {
          next = fetchPage({ after: last, limit: PAGE })
          next.catch(() => {}) // it is awaited above
        }
        take(page)
        changed()
      }
    } catch {
      gap = { from: Math.max(from, lastSeq() + 1), to: fillingTo }
    }
    fillingTo = 0
    if (!gap) takeEvents()
    changed()
  }

  async function fetchOlder() {
    older = 'loading'
    changed()
    try {
      const page = await fetchPage({
        before: firstSeq(),
        limit: view.events.length < PAGE ? PAGE : OLDER_PAGE,
      })
      // Folding again from the start keeps the fold simple: it goes forward only.
      const rebuilt = createRunView(seed)
      rebuilt.append([...fromWholeStep(page), ...view.events])
      view = rebuilt
      older = page.length > 0 && firstSeq() > 1 ? 'more' : 'none'
    } catch {
      older = 'failed'
    }
    // Before it is told: whoever hears of it may ask for the next page at once.
    loading = null
    changed()
  }

  function loadOlder(): Promise<void> {
    if (older === 'none') return Promise.resolve()
    loading ??= fetchOlder()
    return loading
  }

  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    version: () => version,
    view: () => view,
    liveText: () => text,
    liveOutput: callId => outputs.get(callId),
    firstSeq,
    older: () => older,
    behind: () => Math.max(0, known - lastSeq()),
    gap: () => gap,
    refused: () => refused,
    loadOlder,
    async loadTo(seq) {
      while (firstSeq() > seq && older !== 'none') {
        await loadOlder()
        if (older === 'failed') return
      }
    },
    retryGap() {
      if (gap) void fill(gap.from, gap.to)
    },
    start(live) {
      const complete = isFinal(view.run?.status ?? 'running') && lastSeq() >= known
      if (complete) return () => {}
      const stop = live.watchRun(
        runId,
        lastSeq(),
        events => {
          waiting.push(...events)
          schedule()
        },
        event => {
          spoken.push(event)
          schedule()
        },
        notice => {
          if (notice.kind === 'subscribed') {
            known = Math.max(known, notice.last_seq)
            if (notice.from > lastSeq()) void fill(lastSeq() + 1, notice.from)
          }
          if (notice.kind === 'refused') refused = notice.error
          changed()
        },
      )
      return () => {
        stop()
        scheduled?.()
        scheduled = null
      }
    },
  }
}
