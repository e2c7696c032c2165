// Single values in JSON files, such as the test script in a package.json.

export type JsonObject = Record<string, unknown>

/** null when the text is not a JSON object. */
export function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/** undefined when there is nothing at that place. */
export function valueAt(object: JsonObject, path: string[]): unknown {
  let value: unknown = object
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined
    value = value[key]
  }
  return value
}

export function sameValue(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

/** The text with that value; undefined takes the key out. Its indentation stays, other formatting may not. */
export function withValue(text: string, path: string[], value: unknown): string {
  const object = parseObject(text)
  if (!object || path.length === 0) return text
  setAt(object, path, value)
  const indent = /^[{[]\r?\n([ \t]+)/.exec(text.trimStart())?.[1] ?? 2
  return `${JSON.stringify(object, null, indent)}\n`
}

/** Sets it in the object itself; undefined takes the key out. */
export function setAt(object: JsonObject, [key, ...rest]: string[], value: unknown): void {
  if (key === undefined) return
  if (rest.length === 0) {
    if (value === undefined) delete object[key]
    else define(object, key, value)
    return
  }
  const inner = Object.hasOwn(object, key) ? object[key] : undefined
  if (isObject(inner)) {
    setAt(inner, rest, value)
    return
  }
  if (value === undefined) return
  const fresh: JsonObject = {}
  define(object, key, fresh)
  setAt(fresh, rest, value)
}

/** Also for a key named `__proto__`. */
function define(object: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner) =>
      isObject(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? 'undefined'
  )
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
