// One attempt: what is sent, and what came of it. Never throws.
import { messageOf } from '#lib/errors'
import { LIMITS } from '#lib/limits'

export interface Attempt {
  url: string
  headers: Record<string, string>
  body: string
  signal: AbortSignal
  timeoutMs?: number
}

export interface AttemptResult {
  ok: boolean
  /** null: nobody answered. */
  status: number | null
  detail: string
  /** What the receiver asks for; null: nothing. */
  retryAfterMs: number | null
}

export async function post({
  url,
  headers,
  body,
  signal,
  timeoutMs = LIMITS.webhookTimeoutMs,
}: Attempt): Promise<AttemptResult> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'retrAI', ...headers },
      body,
      // What is signed for one address is not sent to another.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    // Whatever it says besides is not read: it could be anything, and endless.
    await response.body?.cancel().catch(() => {})
    const { status } = response
    if (response.ok) return { ok: true, status, detail: `taken (${status})`, retryAfterMs: null }
    const detail =
      status >= 300 && status < 400
        ? `The receiver answered ${status}: redirects are not followed, set RETRAI_WEBHOOK_URL to where it leads`
        : `The receiver answered ${status}`
    return { ok: false, status, detail, retryAfterMs: retryAfter(response.headers.get('retry-after')) }
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    const detail = isLate
      ? `The receiver did not answer within ${timeoutMs / 1000} seconds`
      : `The receiver cannot be reached: ${causeOf(error)}`
    return { ok: false, status: null, detail, retryAfterMs: null }
  }
}

/** fetch says only that it failed. */
const causeOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined
    ? messageOf(error.cause) || (error.cause as { code?: string }).code || error.message // connection errors carry a code
    : messageOf(error)

function retryAfter(text: string | null): number | null {
  const seconds = Number(text)
  return text === null || !Number.isFinite(seconds) || seconds < 0 ? null : seconds * 1000
}
