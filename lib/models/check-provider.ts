// Whether a provider answers, and takes the key: its list of models is asked for, which costs no tokens. Never throws.
import type { ProviderCheck } from '#lib/contract/models'
import { messageOf } from '#lib/errors'
import { LIMITS } from '#lib/limits'

export interface Asked {
  provider: string
  baseUrl: string
  apiKey: string | null
}

export async function checkProvider({ provider, baseUrl, apiKey }: Asked): Promise<ProviderCheck> {
  const began = performance.now()
  const done = (ok: boolean, detail: string): ProviderCheck => ({
    provider,
    ok,
    detail,
    duration_ms: Math.round(performance.now() - began),
  })
  try {
    const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/v1/models`, {
      headers: {
        accept: 'application/json',
        'anthropic-version': '2023-06-01',
        ...(apiKey === null ? {} : { 'x-api-key': apiKey, authorization: `Bearer ${apiKey}` }),
      },
      redirect: 'manual', // the key would go along
      signal: AbortSignal.timeout(LIMITS.providerCheckMs),
    })
    const count = response.ok ? await modelsIn(response) : null
    await response.body?.cancel().catch(() => {})
    const { status } = response
    if (response.ok) return done(true, count === null ? 'reachable' : `reachable, ${count} models`)
    if (status === 401 || status === 403) return done(false, `reachable, but it refuses the key (${status})`)
    // Not every endpoint has such a list; that it answers is known.
    if (status === 404 || status === 405) return done(true, 'reachable; it does not list its models')
    return done(false, `it answers ${status}`)
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    if (isLate) return done(false, `no answer within ${LIMITS.providerCheckMs / 1000} seconds`)
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    const why = messageOf(cause) || (cause as { code?: string }).code || 'no connection' // errors of connections carry a code
    return done(false, `not reachable: ${why}`)
  }
}

/** null where it is no such list, or longer than anybody needs. */
async function modelsIn(response: Response): Promise<number | null> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true })
    if (text.length > LIMITS.providerListBytes) return null
  }
  try {
    const { data } = JSON.parse(text) as { data?: unknown }
    return Array.isArray(data) ? data.length : null
  } catch {
    return null
  }
}
