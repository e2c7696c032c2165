// The same calls with the same results again and again: an agent that goes in circles.

/** An answer of the model: several calls of one answer are one step, however alike they are. */
export interface RanCall {
  /** Its last call. */
  tool: string
  /** Its calls and what they gave. */
  key: string
}

/** So often the same before the agent is told, and before its attempt ends. */
export const LOOP_TOLD = 3
export const LOOP_ENDS = 6
/** Of so many answers a circle may consist. */
const MAX_PERIOD = 3

/** How often the newest answers repeat what came right before them: 1 for no repetition. */
export function repeatsOf(ran: readonly RanCall[]): number {
  let most = 1
  for (let period = 1; period <= MAX_PERIOD; period++) {
    let repeats = 1
    while (isSameBlock(ran, period, repeats)) repeats++
    most = Math.max(most, repeats)
  }
  return most
}

/** Whether the newest `period` answers equal those `back` periods before. */
function isSameBlock(ran: readonly RanCall[], period: number, back: number): boolean {
  for (let i = 1; i <= period; i++) {
    const newest = ran[ran.length - i]
    const earlier = ran[ran.length - i - back * period]
    if (!newest || !earlier || newest.key !== earlier.key) return false
  }
  return true
}

/** Told once when it is so often, and again each time as many are added. */
export const isRepeating = (repeats: number, times: number) => repeats >= times && repeats % times === 0
