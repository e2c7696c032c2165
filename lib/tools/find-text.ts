// Where a text is in a file; and when it is not there, what is nearest, so that the next try can be right.

/** Positions at which `wanted` starts, not overlapping. */
export function placesOf(text: string, wanted: string): number[] {
  const places: number[] = []
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length))
    places.push(at)
  return places
}

export function lineOf(text: string, at: number): number {
  let line = 1
  for (let next = text.indexOf('\n'); next !== -1 && next < at; next = text.indexOf('\n', next + 1)) line++
  return line
}

/** A sentence for the model about why `wanted` is not in the text, with the lines that look most like it. */
export function whyNotFound(text: string, wanted: string): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const asked = wanted
    .replaceAll('\r\n', '\n')
    .replace(/^\n+|\n+$/g, '')
    .split('\n')
  if (asked.every(line => /^\s*\d+(\t|:\s|\s*\|)/.test(line))) {
    return 'old_text seems to contain the line numbers that file_read shows; leave them out.'
  }
  const spaced = bestWindow(lines, asked, line => line.replace(/\s+/g, ''))
  if (spaced && spaced.score === asked.length && asked.some(line => line.trim() !== '')) {
    return `It differs only in whitespace from lines ${spaced.start + 1} to ${spaced.start + asked.length}; copy them exactly:\n${show(lines, spaced.start, asked.length)}`
  }
  const nearest = spaced && spaced.score > 0 ? spaced.start : mostSimilarLine(lines, asked)
  if (nearest === null) return 'Nothing in the file looks like it; read the file again with file_read.'
  return `The nearest lines are:\n${show(lines, Math.max(0, nearest - 1), Math.min(asked.length + 2, 12))}`
}

/** Tabs are made visible: they are what one gets wrong. */
function show(lines: string[], start: number, count: number): string {
  const from = lines.slice(start, start + Math.min(count, 20))
  const hasTabs = from.some(line => line.includes('\t'))
  const shown = from.map((line, index) => `${start + index + 1}\t${line.replaceAll('\t', '→').slice(0, 300)}`)
  return [...shown, ...(hasTabs ? ['(→ is a tab)'] : [])].join('\n')
}

/** The place where most lines are equal after `normal`. */
function bestWindow(lines: string[], asked: string[], normal: (line: string) => string) {
  const wanted = asked.map(normal)
  const have = lines.map(normal)
  // A line that occurs once votes for where the text would start; counting votes is linear, comparing windows is not.
  const where = new Map<string, number[]>()
  for (const [at, line] of have.entries()) {
    const known = where.get(line)
    if (known) known.push(at)
    else where.set(line, [at])
  }
  const votes = new Map<number, number>()
  for (const [offset, line] of wanted.entries()) {
    const places = where.get(line) ?? []
    if (places.length > 200) continue // An empty line or a closing bracket says nothing.
    for (const at of places) votes.set(at - offset, (votes.get(at - offset) ?? 0) + 1)
  }
  let best: number | null = null
  for (const [start, count] of votes) {
    if (start >= 0 && (best === null || count > votes.get(best)!)) best = start
  }
  if (best === null) return null
  const start = best
  return { start, score: wanted.filter((line, offset) => have[start + offset] === line).length }
}

const MAX_COMPARED = 20_000

function mostSimilarLine(lines: string[], asked: string[]): number | null {
  const line = asked.find(candidate => candidate.trim().length > 3)?.trim()
  if (!line) return null
  const wanted = pairsOf(line)
  let best: { at: number; score: number } | null = null
  for (const [at, candidate] of lines.slice(0, MAX_COMPARED).entries()) {
    const score = likeness(wanted, pairsOf(candidate.trim().slice(0, 500)))
    if (score > 0.5 && (!best || score > best.score)) best = { at, score }
  }
  return best?.at ?? null
}

function pairsOf(text: string): Set<string> {
  const pairs = new Set<string>()
  for (let at = 0; at < text.length - 1; at++) pairs.add(text.slice(at, at + 2))
  return pairs
}

/** 0 to 1: shared pairs of letters (Dice). */
function likeness(a: Set<string>, b: Set<string>): number {
  if (a.size + b.size === 0) return 0
  let shared = 0
  for (const pair of a) if (b.has(pair)) shared++
  return (2 * shared) / (a.size + b.size)
}
