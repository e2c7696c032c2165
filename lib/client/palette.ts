// Which of many things a few letters mean. Pure.

export interface PaletteItem {
  id: string
  kind: 'action' | 'page' | 'run' | 'setting'
  title: string
  /** More words it can be found by, shown beside it. */
  detail?: string
  /** Only to be found by. */
  words?: string
  /** As shown on keys. */
  keys?: string[]
  run(): void
}

const MAX_SHOWN = 50

/** `>` asks for what can be done, `#` for runs; the rest is what is looked for. */
export function readQuery(text: string): { only: PaletteItem['kind'][] | null; query: string } {
  const trimmed = text.trimStart()
  if (trimmed.startsWith('>')) return { only: ['action', 'page', 'setting'], query: trimmed.slice(1).trim() }
  if (trimmed.startsWith('#')) return { only: ['run'], query: trimmed.slice(1).trim() }
  return { only: null, query: trimmed.trim() }
}

/** What fits, best first; without a question everything in the order it came. */
export function findItems(items: readonly PaletteItem[], text: string): PaletteItem[] {
  const { only, query } = readQuery(text)
  const asked = items.filter(item => only === null || only.includes(item.kind))
  if (query === '') return asked.slice(0, MAX_SHOWN)
  return asked
    .map(item => ({ item, score: scoreOf(item, query) }))
    .filter((one): one is { item: PaletteItem; score: number } => one.score !== null)
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_SHOWN)
    .map(({ item }) => item)
}

/** The title counts most; what it says beside that, and hidden words, less. */
function scoreOf({ title, detail = '', words = '' }: PaletteItem, query: string): number | null {
  const inTitle = matchScore(query, title)
  if (inTitle !== null) return inTitle + 100
  return matchScore(query, `${title} ${detail} ${words}`, { byLetters: false })
}

/** Every word of the query must be found; null when one is not. Higher is better. */
export function matchScore(query: string, text: string, { byLetters = true } = {}): number | null {
  const haystack = text.toLowerCase()
  let score = 0
  for (const word of query.toLowerCase().split(/\s+/)) {
    const found = wordScore(word, haystack, byLetters)
    if (found === null) return null
    score += found
  }
  // Of two that fit alike, the shorter one is meant.
  return score - Math.min(haystack.length, 200) / 100
}

function wordScore(word: string, text: string, byLetters: boolean): number | null {
  const at = text.indexOf(word)
  if (at === 0) return 50
  if (at > 0) return /[\p{L}\p{N}]/u.test(text[at - 1] ?? '') ? 20 : 40
  if (!byLetters) return null
  // Letters in order, as in `ntr` for «Next run»: each begins a word or follows the one before.
  let from = 0
  let jumps = 0
  for (const letter of word) {
    const next = text.indexOf(letter, from)
    if (next === -1) return null
    if (next !== from) {
      jumps += 1
      if (/[\p{L}\p{N}]/u.test(text[next - 1] ?? '')) jumps += 1
    }
    from = next + letter.length
  }
  return jumps > word.length ? null : Math.max(1, 15 - jumps)
}
