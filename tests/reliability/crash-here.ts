// Takes the place of lib/crash-point.ts in test builds: with CRASH_AT=<point>:<n> in the environment the process is gone, as by
// kill -9, when it passes this point for the n-th time; with CRASH_ARMED=later, counted from its first SIGUSR2.
const [wanted, nth] = (process.env.CRASH_AT ?? '').split(':')
const state = { left: Number(nth ?? 1), isArmed: process.env.CRASH_ARMED !== 'later' }
process.on('SIGUSR2', () => {
  state.isArmed = true
})

export function crashPoint(name: string): void {
  if (name !== wanted || !state.isArmed) return
  state.left -= 1
  if (state.left === 0) process.kill(process.pid, 'SIGKILL')
}
