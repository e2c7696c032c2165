// JSON as it may be stored and sent back. What JSON.parse takes is more than JSON.stringify and the Messages API take.

/** Deeper than any tool's arguments; JSON.stringify fails at some thousands. */
const DEEPEST = 100

/**
 * The same value with halves of surrogate pairs replaced, which the API refuses for ever; undefined when it is nested too deeply.
 */
export function sound(value: unknown): unknown {
  try {
    return copy(value, 0)
  } catch (error) {
    if (error === TOO_DEEP) return undefined
    throw error
  }
}

const TOO_DEEP = Symbol('too deep')

function copy(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return whole(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEEPEST) throw TOO_DEEP
  if (Array.isArray(value)) return value.map(item => copy(item, depth + 1))
  // fromEntries, because an assignment to `__proto__` is none.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [whole(key), copy(item, depth + 1)]))
}

const whole = (text: string) => text.replace(/\p{Surrogate}/gu, '\uFFFD')
