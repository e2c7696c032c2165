import process from 'node:process'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** npm and npx pass a signal on that the terminal has already sent to the whole group. */
const ECHO_MS = 300

/** Calls `listener` at each Ctrl-C (or SIGTERM, SIGHUP), its echo left out. Returns the way to stop listening. */
export function onInterrupt(listener: (signal: NodeJS.Signals) => void): () => void {
  let last = Number.NEGATIVE_INFINITY
  const handle = (signal: NodeJS.Signals) => {
    const now = performance.now()
    if (now - last < ECHO_MS) return
    last = now
    listener(signal)
  }
  for (const signal of SIGNALS) process.on(signal, handle)
  return () => {
    for (const signal of SIGNALS) process.off(signal, handle)
  }
}
