// A small unified diff of one file, for people who watch.

export interface LineDiff {
  insertions: number
  deletions: number
  /** Unified, at most `maxBytes`. */
  diff: string
}

const CONTEXT = 3
const MAX_CELLS = 1_000_000
const MAX_BYTES = 8 * 1024

type Step = { kind: ' ' | '+' | '-'; text: string }

export function lineDiff(before: string, after: string, maxBytes = MAX_BYTES): LineDiff {
  const steps = compare(toLines(before), toLines(after))
  return {
    insertions: steps.filter(step => step.kind === '+').length,
    deletions: steps.filter(step => step.kind === '-').length,
    diff: cut(hunks(steps), maxBytes),
  }
}

function toLines(text: string): string[] {
  if (text === '') return []
  const lines = text.split('\n').map(line => line.replace(/\r$/, ''))
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function compare(a: string[], b: string[]): Step[] {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const same = (text: string): Step => ({ kind: ' ', text })
  return [
    ...a.slice(0, start).map(same),
    ...compareMiddle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ]
}

/** Longest common subsequence; texts too different in size for that are shown as replaced. */
function compareMiddle(a: string[], b: string[]): Step[] {
  if (a.length * b.length > MAX_CELLS || a.length === 0 || b.length === 0) {
    return [...a.map((text): Step => ({ kind: '-', text })), ...b.map((text): Step => ({ kind: '+', text }))]
  }
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    }
  }
  const steps: Step[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      steps.push({ kind: ' ', text: a[i]! })
      i++
      j++
    } else if (
      i < a.length &&
      (j === b.length || lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)
    ) {
      steps.push({ kind: '-', text: a[i++]! })
    } else steps.push({ kind: '+', text: b[j++]! })
  }
  return steps
}

function hunks(steps: Step[]): string {
  const near = new Uint8Array(steps.length)
  for (const [at, step] of steps.entries()) {
    if (step.kind !== ' ') near.fill(1, Math.max(0, at - CONTEXT), at + CONTEXT + 1)
  }
  const lines: string[] = []
  let oldLine = 1
  let newLine = 1
  for (let at = 0; at < steps.length; ) {
    const from = at
    while (at < steps.length && near[at] === near[from]) at++
    const part = steps.slice(from, at)
    const olds = part.filter(step => step.kind !== '+').length
    const news = part.filter(step => step.kind !== '-').length
    if (near[from]) {
      lines.push(`@@ -${range(oldLine, olds)} +${range(newLine, news)} @@`)
      lines.push(...part.map(step => step.kind + step.text))
    }
    oldLine += olds
    newLine += news
  }
  return lines.join('\n')
}

/** As diff writes it: an empty range names the line before it. */
function range(line: number, count: number): string {
  return count === 1 ? String(line) : `${count === 0 ? line - 1 : line},${count}`
}

function cut(diff: string, maxBytes: number): string {
  if (Buffer.byteLength(diff) <= maxBytes) return diff
  const kept = Buffer.from(diff).subarray(0, maxBytes).toString('utf8')
  return `${kept.slice(0, kept.lastIndexOf('\n'))}\n[… the rest of this diff is left out …]`
}
