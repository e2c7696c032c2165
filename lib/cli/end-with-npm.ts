import process from 'node:process'

const LOOK_MS = 1000

/**
 * npm and npx start us through a shell that does not pass SIGTERM on: whoever ends `npx retrai serve` would leave the
 * server behind. So we end when that shell has ended.
 */
export function endWithNpm(): void {
  // With a channel to its parent it was started by `retrai run`, which says itself when it shall end.
  if (process.env.npm_execpath === undefined || process.channel) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, LOOK_MS)
  timer.unref()
}
