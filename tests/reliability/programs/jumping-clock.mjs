// Loaded into the server with `node --import`: its wall clock jumps by an hour, back and forth, twenty times a second. What is
// measured with the monotonic clock, and every timer, stays as it is.
const RealDate = globalThis.Date
const JUMPS = [0, 3_600_000, -3_600_000, 3_600_000, 0, -3_600_000]
const EVERY_MS = 50

const now = () => RealDate.now() + JUMPS[Math.floor(performance.now() / EVERY_MS) % JUMPS.length]

globalThis.Date = class JumpingDate extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(now())
    else super(...parts)
  }
  static now() {
    return now()
  }
}
