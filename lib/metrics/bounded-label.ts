const MOST = 100

/** Passes on the first hundred different values and calls the rest `other`: labels must not grow with what callers send. */
export function boundedLabel(most: number = MOST): (value: string) => string {
  const known = new Set<string>()
  return value => {
    if (known.has(value)) return value
    if (known.size >= most) return 'other'
    known.add(value)
    return value
  }
}
