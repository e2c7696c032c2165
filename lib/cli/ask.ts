import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Stream } from './output.ts'

export type Reply = { kind: 'answer'; text: string } | { kind: 'interrupted' } | { kind: 'cancelled' }

export interface AskOptions {
  stdin: Readable
  stderr: Stream
  question: string
  /** Takes the question back, e.g. because somebody else has answered. */
  signal?: AbortSignal
  /** Takes away what is drawn over below, until the answer is there. */
  hold?: () => () => void
}

/** Asks a question on the terminal; the question stands on stderr, so that stdout stays data. */
export function ask({ stdin, stderr, question, signal, hold }: AskOptions): Promise<Reply> {
  if (signal?.aborted) return Promise.resolve({ kind: 'cancelled' })
  return new Promise(resolve => {
    const release = hold?.()
    const lines = createInterface({ input: stdin, output: stderr })
    const settle = (reply: Reply) => {
      signal?.removeEventListener('abort', cancel)
      lines.off('close', cancel)
      lines.close()
      if (reply.kind !== 'answer') stderr.write('\n')
      release?.()
      resolve(reply)
    }
    const cancel = () => settle({ kind: 'cancelled' })
    signal?.addEventListener('abort', cancel)
    lines.once('close', cancel) // end of input
    lines.once('SIGINT', () => settle({ kind: 'interrupted' }))
    lines.question(question, text => settle({ kind: 'answer', text: text.trim() }))
  })
}
