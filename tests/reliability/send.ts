// Requests whose answer may be lost, because the server is killed while they are on their way.

export interface Sent {
  status: number
  headers: Headers
  json: unknown
}

export interface SendOptions {
  method?: string
  body?: unknown
  headers?: Record<string, string>
  timeoutMs?: number
}

/** The answer; null when none came, or only half of it. */
export async function send(
  url: string,
  path: string,
  { method = 'POST', body, headers, timeoutMs = 30_000 }: SendOptions = {},
): Promise<Sent | null> {
  try {
    const response = await fetch(url + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, json: jsonOf(text) }
  } catch {
    return null // refused, reset or cut: the scenario asks again
  }
}

/** Asks again until an answer comes that says something: the server may be away, starting or stopping meanwhile. */
export async function sendUntilAnswered(
  url: () => string,
  path: string,
  options: SendOptions = {},
  limitMs = 60_000,
): Promise<Sent & { tries: number }> {
  const deadline = performance.now() + limitMs
  for (let tries = 1; ; tries++) {
    const sent = await send(url(), path, options)
    if (sent && sent.status !== 503 && sent.status !== 429) return { ...sent, tries }
    if (performance.now() > deadline) throw new Error(`No answer to ${path} within ${limitMs} ms`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
