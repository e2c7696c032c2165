/**
 * Waits until `condition` gives something true, and returns it. A test waits for a condition, never for a time; the limit
 * only ends a test that would wait for ever. `what` says in the failure what did not come true.
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  { limitMs = 45_000, everyMs = 15 }: { limitMs?: number; everyMs?: number } = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (performance.now() > deadline) throw new Error(`Not true after ${limitMs} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, everyMs))
  }
}
