// A client of server-sent events that remembers everything it was told, as a browser's EventSource would read it.
import { type IncomingMessage, request } from 'node:http'
import type { EphemeralEvent, RunEvent } from '#lib/contract/event'

export interface SseFollower {
  status: number
  headers: IncomingMessage['headers']
  /** Those with an id, in the order they came. */
  events: RunEvent[]
  ephemeral: EphemeralEvent[]
  comments: string[]
  /** What was not a stream: the problem. */
  body: string
  /** Resolves when the server has ended it, or the connection broke. */
  ended: Promise<void>
  /** Reads no more. */
  pause(): void
  resume(): void
  close(): void
}

/** Resolves with the first bytes of the answer. */
export function followSse(
  url: string,
  runId: string,
  { query = '', headers = {} }: { query?: string; headers?: Record<string, string> } = {},
): Promise<SseFollower> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/api/runs/${runId}/events${query}`,
      { headers: { accept: 'text/event-stream', ...headers }, agent: false },
      response => {
        const follower: SseFollower = {
          status: response.statusCode ?? 0,
          headers: response.headers,
          events: [],
          ephemeral: [],
          comments: [],
          body: '',
          ended: new Promise(done => response.once('close', done)),
          pause: () => response.pause(),
          resume: () => response.resume(),
          close: () => sent.destroy(),
        }
        let rest = ''
        response.setEncoding('utf8').on('error', () => {}) // cut off: `ended` says so
        response.on('data', (chunk: string) => {
          if (!String(response.headers['content-type']).startsWith('text/event-stream')) {
            follower.body += chunk
            return
          }
          const blocks = (rest + chunk).split('\n\n')
          rest = blocks.pop() ?? ''
          for (const block of blocks) take(follower, block)
        })
        resolve(follower)
      },
    )
    sent.once('error', reject)
    sent.end()
  })
}

function take(follower: SseFollower, block: string) {
  const fields = new Map<string, string>()
  for (const line of block.split('\n')) {
    const at = line.indexOf(':')
    fields.set(line.slice(0, at), line.slice(at + 1).trim())
  }
  const comment = fields.get('')
  if (comment !== undefined) follower.comments.push(comment)
  const data = fields.get('data')
  if (data === undefined) return
  if (!fields.has('id')) return void follower.ephemeral.push(JSON.parse(data) as EphemeralEvent)
  const event = JSON.parse(data) as RunEvent
  if (String(event.seq) !== fields.get('id')) throw new Error(`id ${fields.get('id')} of event ${event.seq}`)
  follower.events.push(event)
}
