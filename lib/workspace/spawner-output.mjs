// What the helper process does with a command's output: keep some of it, show some of it, hold no more in memory.
import { StringDecoder } from 'node:string_decoder'

const SLACK_BYTES = 64 * 1024
const MAX_PIECES = 500
const PROGRESS_MS = 50
const PROGRESS_BYTES = 64 * 1024

/** Keeps the first and the last bytes of a stream, however long it is. */
export function createKeeper({ headBytes, tailBytes }) {
  let head = []
  let headSize = 0
  let tail = []
  let tailSize = 0
  let bytes = 0

  function compact() {
    const all = Buffer.concat(tail)
    // A copy, so that the large buffer it was cut from can go.
    const kept = all.length > tailBytes ? Buffer.from(all.subarray(all.length - tailBytes)) : all
    tail = [kept]
    tailSize = kept.length
  }

  return {
    push(chunk) {
      bytes += chunk.length
      const room = headBytes - headSize
      if (room > 0) {
        const part = chunk.subarray(0, room)
        head.push(part)
        headSize += part.length
        if (head.length > MAX_PIECES) head = [Buffer.concat(head)]
      }
      if (chunk.length > room && tailBytes > 0) {
        const part = room > 0 ? chunk.subarray(room) : chunk
        tail.push(part)
        tailSize += part.length
        if (tailSize > tailBytes * 2 + SLACK_BYTES || tail.length > MAX_PIECES) compact()
      }
    },
    bytes: () => bytes,
    result() {
      compact()
      return { head: Buffer.concat(head), tail: tail[0], bytes }
    },
  }
}

/**
 * Live output for people: a few messages a second, and only the latest of it when there is too much.
 * @param {(chunk: string, shown: () => void) => void} show Calls `shown` when it can take more.
 */
export function createProgress(show) {
  const decoder = new StringDecoder('utf8')
  let waiting = []
  let size = 0
  let dropped = 0
  let timer
  let inFlight = false

  function flush(last) {
    clearTimeout(timer)
    timer = undefined
    if (inFlight && !last) return
    const text = waiting.map(chunk => decoder.write(chunk)).join('') + (last ? decoder.end() : '')
    const note = dropped > 0 ? `\n[… ${dropped.toLocaleString('en-US')} bytes left out …]\n` : ''
    waiting = []
    size = 0
    dropped = 0
    if (!text && !note) return
    inFlight = true
    show(note + text, () => {
      inFlight = false
      if (waiting.length > 0 && !timer) timer = setTimeout(flush, PROGRESS_MS)
    })
  }

  return {
    push(chunk) {
      waiting.push(chunk)
      size += chunk.length
      while (size > PROGRESS_BYTES && waiting.length > 1) {
        const first = waiting.shift()
        size -= first.length
        dropped += first.length
      }
      timer ??= setTimeout(flush, PROGRESS_MS)
    },
    flush,
  }
}
