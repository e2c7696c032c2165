// Bodies of answers as they may be taken in: whoever answers, the server's memory is not theirs to fill, and a redirect is not
// theirs to send the key along.
import { AttemptFailure } from './retry.ts'

/** Of a whole answer. Counted as it arrives and after decompression, so that one line without end counts too. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024
/** Of an error's body: more than anyone reads. */
const MAX_ERROR_BYTES = 64 * 1024

/** As `fetch`, for the SDK, which reads bodies of errors to their end and follows redirects with its headers. */
export async function boundedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: 'manual' })
  if (response.ok || response.body === null) return response
  const { status, headers } = response
  const body = init?.signal ? response.body.pipeThrough(endedBy(init.signal)) : response.body
  // Response knows no status above 599; some services answer with one.
  return new Response(await beginningOf(body), { status: Math.min(status, 599), headers })
}

/** What comes of a body until it is cut, broken or long enough. */
async function beginningOf(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  try {
    for await (const chunk of body) {
      text += decoder.decode(chunk.subarray(0, MAX_ERROR_BYTES - bytes), { stream: true })
      bytes += chunk.length
      if (bytes >= MAX_ERROR_BYTES) break
    }
  } catch {
    // The status says what matters; a body that cannot be read adds nothing to it.
  }
  return text
}

/** The bytes of a stream, unchanged; it breaks off when they are too many or no UTF-8. `onBytes`: some have come. */
export function checkedBody(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onBytes: () => void,
): ReadableStream<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let bytes = 0
  const check = (chunk: Uint8Array) => {
    onBytes()
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) throw new AttemptFailure('the answer is larger than 16 MiB')
    try {
      decoder.decode(chunk, { stream: true })
    } catch (cause) {
      throw new AttemptFailure('the answer is damaged: it is not UTF-8', { cause })
    }
  }
  return body.pipeThrough(endedBy(signal, check))
}

/**
 * Passes bytes on until the signal is aborted. Node's fetch does not end every body on an abort: one that cannot be unpacked stays
 * open for ever, and with it whoever reads it.
 */
function endedBy(signal: AbortSignal, check?: (chunk: Uint8Array) => void) {
  return new TransformStream<Uint8Array, Uint8Array>({
    start(controller) {
      const end = () => controller.error(signal.reason)
      if (signal.aborted) end()
      // The signal is this request's own and goes with it.
      else signal.addEventListener('abort', end, { once: true })
    },
    transform(chunk, controller) {
      check?.(chunk)
      controller.enqueue(chunk)
    },
  })
}
