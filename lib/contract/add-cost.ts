/** A sum of dollars, without the dust of binary fractions. One unknown cost makes the sum unknown: null, never too low. */
export function addCost(sum: number | null, cost: number | null): number | null {
  return sum === null || cost === null ? null : Math.round((sum + cost) * 1e10) / 1e10
}
