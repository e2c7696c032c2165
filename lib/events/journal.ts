// One append-only journal per run. Store first, then show: what a follower sees is durable. Everything live in the
// product (raw WebSocket, socket.io, REST history) is a reader of this.
import { setImmediate as pause } from 'node:timers/promises'
import {
  type EphemeralEvent,
  type NewEphemeral,
  type NewEvent,
  PAYLOADS,
  type RunEvent,
} from '#lib/contract/event'
import { crashPoint } from '#lib/crash-point'
import { AppError, isAppError } from '#lib/errors'
import type { RedactedStream, Redactor } from '#lib/redaction/redactor'
import type { Append, RunRecord, Store } from '#lib/store/types'
import { createTurns } from '#lib/turns'
import { isEnded, project } from './projection.ts'
import type { FollowOptions, Journal } from './types.ts'

/** Events kept in memory per run, so that followers who are up to date need not ask the database. */
const TAIL_LENGTH = 512
/** Events a follower reads from the database at once: each follower that is behind holds so many in memory. */
const PAGE = 50

type Piece = Extract<NewEphemeral, { kind: 'text_delta' | 'step_progress' }>

interface Channel {
  record: RunRecord
  /** The newest events, contiguous, up to record.lastSeq. */
  tail: RunEvent[]
  /** Followers who wait for more. */
  waiting: Set<() => void>
  appended: Set<(events: RunEvent[]) => void>
  ephemeral: Set<(event: EphemeralEvent) => void>
  /** What is shown in pieces: a secret may lie across two of them. By what the pieces belong to. */
  streams: Map<string, { pieces: RedactedStream; last: Piece }>
}

interface Pending {
  channel: Channel
  events: NewEvent[]
  resolve(events: RunEvent[]): void
  reject(error: unknown): void
}

export function createJournal({
  store,
  redactor = NOTHING_SECRET,
  now = Date.now,
}: {
  store: Store
  /** Takes known secrets out of what is about to be stored or shown. */
  redactor?: Pick<Redactor, 'value' | 'stream'>
  now?: () => number
}): Journal {
  const channels = new Map<string, Promise<Channel>>()
  const inTurn = createTurns()
  const recordListeners = new Set<(record: RunRecord) => void>()
  const eventListeners = new Set<(events: RunEvent[], record: RunRecord) => void>()
  let queue: Pending[] = []
  let isFlushing = false

  function channelOf(runId: string): Promise<Channel> {
    let channel = channels.get(runId)
    if (!channel) {
      channel = openChannel(runId)
      channels.set(runId, channel)
      channel.catch(() => channels.delete(runId))
    }
    return channel
  }

  async function openChannel(runId: string): Promise<Channel> {
    const record = await store.getRun(runId)
    if (!record) throw new AppError('run_not_found', `Run not found: ${runId}`)
    return {
      record,
      tail: [],
      waiting: new Set(),
      appended: new Set(),
      ephemeral: new Set(),
      streams: new Map(),
    }
  }

  /** Ended runs that nobody looks at leave memory. */
  function release(runId: string, channel: Channel) {
    const idle = channel.waiting.size + channel.appended.size + channel.ephemeral.size === 0
    if (idle && isEnded(channel.record)) channels.delete(runId)
  }

  /** The append as it would be committed now; rejects the request instead when the run has ended. */
  function stamp({ channel, events }: Pending, record: RunRecord): Append {
    const isOver = isEnded(record) || events.slice(0, -1).some(({ kind }) => kind === 'run_end')
    if (isOver) throw new AppError('run_not_active', `Run ${record.id} has ended`)
    const ts = now() / 1000
    const stamped = events.map(
      ({ kind, iteration, payload }, index) =>
        ({
          kind,
          run_id: channel.record.id,
          iteration,
          seq: record.lastSeq + 1 + index,
          ts,
          // Nothing undeclared is ever stored, so everything stored is fit to be shown.
          payload: PAYLOADS[kind].parse(redactor.value(payload)),
        }) as RunEvent,
    )
    return { events: stamped, record: stamped.reduce(project, record) }
  }

  function publish(channel: Channel, append: Append) {
    crashPoint('before-broadcast')
    for (const { kind, payload } of append.events) {
      if (kind === 'tool_result') endStream(channel, streamOf('step_progress', payload.call_id))
      if (kind === 'goal_check') endStream(channel, streamOf('step_progress', null))
      if (kind === 'model_response') endStream(channel, streamOf('text_delta', null))
    }
    channel.record = append.record
    channel.tail.push(...append.events)
    if (channel.tail.length > TAIL_LENGTH) channel.tail.splice(0, channel.tail.length - TAIL_LENGTH)
    const waiting = [...channel.waiting]
    channel.waiting.clear()
    for (const wake of waiting) wake()
    release(append.record.id, channel)
    for (const listener of channel.appended) listener(append.events)
    for (const listener of recordListeners) listener(append.record)
    for (const listener of eventListeners) listener(append.events, append.record)
  }

  /** null when all of a piece has to wait for the next one. */
  function redacted({ streams }: Channel, event: NewEphemeral): NewEphemeral | null {
    if (event.kind === 'text_discarded') {
      streams.delete(streamOf('text_delta', null))
      return event
    }
    const key = streamOf(event.kind, event.kind === 'text_delta' ? null : event.payload.call_id)
    const stream = streams.get(key) ?? { pieces: redactor.stream(), last: event }
    streams.set(key, { ...stream, last: event })
    const piece = stream.pieces.next(event.kind === 'text_delta' ? event.payload.text : event.payload.chunk)
    return piece === '' ? null : withText(event, piece)
  }

  /** What waited for a next piece is shown: none follows. */
  function endStream(channel: Channel, key: string) {
    const stream = channel.streams.get(key)
    if (!stream) return
    channel.streams.delete(key)
    const piece = stream.pieces.rest()
    if (piece !== '') show(channel, withText(stream.last, piece))
  }

  function show(channel: Channel, event: NewEphemeral) {
    const stamped = { ...event, run_id: channel.record.id, ts: now() / 1000 } as EphemeralEvent
    for (const listener of channel.ephemeral) listener(stamped)
  }

  /** Commits all that is pending at once; when that fails, one by one, so that only the culprit fails. */
  async function commit(batch: Pending[]) {
    const records = new Map<Channel, RunRecord>()
    const ready: { pending: Pending; append: Append }[] = []
    const afterEnd: Pending[] = []
    for (const pending of batch) {
      const earlier = records.get(pending.channel)
      // Behind a run_end that is not stored yet, and may never be: decided when that is known.
      if (earlier && isEnded(earlier)) {
        afterEnd.push(pending)
        continue
      }
      try {
        const append = stamp(pending, earlier ?? pending.channel.record)
        records.set(pending.channel, append.record)
        ready.push({ pending, append })
      } catch (error) {
        pending.reject(error)
      }
    }
    if (ready.length > 0) await commitAll(ready)
    if (afterEnd.length > 0) await commit(afterEnd)
  }

  async function commitAll(ready: { pending: Pending; append: Append }[]) {
    try {
      crashPoint('before-commit')
      await store.commit(ready.map(({ append }) => append))
      crashPoint('after-commit')
    } catch (error) {
      // All or nothing: what is true of the first is true of all.
      if (!(await wasStored(ready[0]!.append, error))) {
        if (ready.length === 1) ready[0]!.pending.reject(error)
        else for (const { pending } of ready) await commit([pending])
        return
      }
    }
    for (const { pending, append } of ready) {
      try {
        publish(pending.channel, append)
        crashPoint('after-broadcast')
        pending.resolve(append.events)
      } catch (error) {
        // A listener failed. What is stored stays, and the others are told; its own caller must know.
        pending.reject(error)
      }
    }
  }

  /**
   * Whether a commit that failed is in the database all the same: a failure to write may come after the last byte. Without
   * this the run could never append again, its next seq being taken.
   */
  async function wasStored({ events, record }: Append, error: unknown): Promise<boolean> {
    if (isAppError(error)) return false // the store said no, and knows
    const first = events[0]!
    const stored = await store
      .readEvents(record.id, { after: first.seq - 1, limit: events.length })
      .catch(() => [])
    return JSON.stringify(stored) === JSON.stringify(events)
  }

  async function flush() {
    isFlushing = true
    try {
      while (queue.length > 0) {
        // Appends of the same tick are in the queue by now and share this commit.
        const batch = queue
        queue = []
        await commit(batch)
      }
    } finally {
      isFlushing = false
    }
  }

  async function append(runId: string, events: NewEvent[]): Promise<RunEvent[]> {
    const channel = await channelOf(runId)
    if (events.length === 0) return []
    return new Promise((resolve, reject) => {
      queue.push({ channel, events, resolve, reject })
      if (!isFlushing) {
        isFlushing = true
        setImmediate(() => void flush())
      }
    })
  }

  /** The answers of the database come without a pause in which sockets are served: many who catch up would hold up all others. */
  async function readPage(runId: string, after: number): Promise<RunEvent[]> {
    const events = await store.readEvents(runId, { after, limit: PAGE })
    await pause()
    return events
  }

  async function* follow(
    runId: string,
    { after = 0, signal }: FollowOptions = {},
  ): AsyncGenerator<RunEvent[]> {
    const channel = await channelOf(runId)
    let cursor = after
    try {
      while (!signal?.aborted) {
        if (cursor >= channel.record.lastSeq) {
          if (isEnded(channel.record)) return
          await next(channel, signal)
          continue
        }
        const first = channel.tail[0]
        const events =
          first && first.seq <= cursor + 1
            ? channel.tail.slice(cursor + 1 - first.seq)
            : await inTurn(() => readPage(runId, cursor))
        const last = events.at(-1)
        // The row is ahead of the events only if the database lost some: say so instead of spinning.
        if (!last) throw new Error(`the journal of run ${runId} has no events after ${cursor}`)
        cursor = last.seq
        yield events
      }
    } finally {
      release(runId, channel)
    }
  }

  return {
    append,
    follow,
    async record(runId) {
      const channel = await channelOf(runId)
      release(runId, channel)
      return channel.record
    },
    async onAppend(runId, listener) {
      const channel = await channelOf(runId)
      channel.appended.add(listener)
      return () => {
        channel.appended.delete(listener)
        release(runId, channel)
      }
    },
    onRecord(listener) {
      recordListeners.add(listener)
      return () => recordListeners.delete(listener)
    },
    onEvents(listener) {
      eventListeners.add(listener)
      return () => eventListeners.delete(listener)
    },
    publish(runId, event: NewEphemeral) {
      const channel = channels.get(runId)
      if (!channel) return
      void channel.then(
        open => {
          // Also while nobody listens: who comes later must not see the second half of a secret.
          const clean = redacted(open, event)
          if (clean !== null) show(open, clean)
        },
        () => {}, // there is no such run: nobody listens either
      )
    },
    async onEphemeral(runId, listener) {
      const channel = await channelOf(runId)
      channel.ephemeral.add(listener)
      return () => {
        channel.ephemeral.delete(listener)
        release(runId, channel)
      }
    },
    async idle() {
      while (isFlushing || queue.length > 0) await new Promise(resolve => setImmediate(resolve))
    },
  }
}

const NOTHING_SECRET: Pick<Redactor, 'value' | 'stream'> = {
  value: value => value,
  stream: () => ({ next: piece => piece, rest: () => '' }),
}

function withText(event: Piece, text: string): Piece {
  return event.kind === 'text_delta'
    ? { ...event, payload: { text } }
    : { ...event, payload: { ...event.payload, chunk: text } }
}

const streamOf = (kind: string, callId: string | null) => `${kind} ${callId ?? ''}`

/** Resolves at the next append, or when the signal aborts. */
function next(channel: Channel, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const wake = () => {
      channel.waiting.delete(wake)
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    channel.waiting.add(wake)
    signal?.addEventListener('abort', wake, { once: true })
    if (signal?.aborted) wake()
  })
}
