/** The candidate a person most likely meant by `word`; null when none is close. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const plain = simplify(word)
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(plain.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(plain, simplify(candidate))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

// `npm test`, `NPM_TEST` and `npm-test` are the same intention.
const simplify = (word: string) =>
  word
    .slice(0, 100)
    .toLowerCase()
    .replace(/[\s_-]+/g, '-')

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
