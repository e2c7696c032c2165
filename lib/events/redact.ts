// Known secret values never reach the journal, and so neither followers nor the model.

const SHORTEST = 8
const REDACTED = '[redacted]'

/** Replaces each of the values wherever it stands in the strings of something made of JSON. */
export function createRedaction(secrets: (string | null)[]): <T>(value: T) => T {
  const known = [...new Set(secrets)].filter(
    (secret): secret is string => secret !== null && secret.length >= SHORTEST,
  )
  if (known.length === 0) return value => value
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string')
      return known.reduce((text, secret) => text.replaceAll(secret, REDACTED), value)
    if (Array.isArray(value)) return value.map(clean)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clean(item)]))
  }
  return <T>(value: T) => clean(value) as T // the same shape, other strings
}
