// A unified diff of git as files, hunks and lines. Hunks are read by their own line counts, so that no content of a file
// can be taken for the head of another.

export interface DiffLine {
  kind: 'same' | 'add' | 'del'
  /** Line numbers; null where the line does not exist on that side. */
  before: number | null
  after: number | null
  text: string
}

export interface DiffHunk {
  header: string
  lines: DiffLine[]
}

export interface DiffFile {
  path: string
  /** Of a renamed or copied file. */
  oldPath: string | null
  status: 'added' | 'modified' | 'deleted' | 'renamed'
  isBinary: boolean
  /** `100644 → 100755`, where only the mode tells what happened. */
  modeChange: string | null
  insertions: number
  deletions: number
  hunks: DiffHunk[]
  lineCount: number
}

/** Files of the patch in its order, as far as it can be read; null when it is no patch at all. */
export function parsePatch(patch: string): DiffFile[] | null {
  if (patch.trim() === '') return []
  const lines = patch.split('\n')
  const files: DiffFile[] = []
  let i = lines.findIndex(line => line.startsWith('diff --git '))
  if (i === -1) return null
  while (i < lines.length) {
    if (!lines[i]!.startsWith('diff --git ')) {
      i += 1
      continue
    }
    const { file, next } = readFile(lines, i)
    files.push(file)
    i = next
  }
  return files
}

function readFile(lines: string[], start: number): { file: DiffFile; next: number } {
  const file: DiffFile = {
    path: pathOfHead(lines[start]!),
    oldPath: null,
    status: 'modified',
    isBinary: false,
    modeChange: null,
    insertions: 0,
    deletions: 0,
    hunks: [],
    lineCount: 0,
  }
  let oldMode: string | null = null
  let i = start + 1
  while (i < lines.length && !lines[i]!.startsWith('diff --git ')) {
    const line = lines[i]!
    if (line.startsWith('@@ ')) {
      i = readHunk(lines, i, file)
      continue
    }
    const [, word, rest] =
      /^(new file mode|deleted file mode|old mode|new mode|rename from|rename to|copy from|copy to|---|\+\+\+) (.*)$/.exec(
        line,
      ) ?? []
    if (word === 'new file mode') file.status = 'added'
    else if (word === 'deleted file mode') file.status = 'deleted'
    else if (word === 'old mode') oldMode = rest!
    else if (word === 'new mode') file.modeChange = `${oldMode} → ${rest}`
    else if (word === 'rename from' || word === 'copy from') file.oldPath = unquote(rest!)
    else if (word === 'rename to' || word === 'copy to') {
      file.path = unquote(rest!)
      file.status = word === 'rename to' ? 'renamed' : 'added'
    } else if ((word === '---' || word === '+++') && rest !== '/dev/null') file.path = sidePath(rest!)
    else if (line.startsWith('Binary files ') || line === 'GIT binary patch') file.isBinary = true
    i += 1
  }
  return { file, next: i }
}

/** Returns where the hunk ends. */
function readHunk(lines: string[], start: number, file: DiffFile): number {
  const header = lines[start]!
  const numbers = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(header)
  if (!numbers) return start + 1
  const [before0, oldCount, after0, newCount] = [1, 2, 3, 4].map(n => Number(numbers[n] ?? 1))
  let before = before0!
  let after = after0!
  const hunk: DiffHunk = { header, lines: [] }
  file.hunks.push(hunk)
  let i = start + 1
  while (i < lines.length && (before < before0! + oldCount! || after < after0! + newCount!)) {
    const line = lines[i]!
    const text = line.slice(1)
    if (line[0] === '+') {
      hunk.lines.push({ kind: 'add', before: null, after: after++, text })
      file.insertions += 1
    } else if (line[0] === '-') {
      hunk.lines.push({ kind: 'del', before: before++, after: null, text })
      file.deletions += 1
    } else if (line[0] === ' ') {
      hunk.lines.push({ kind: 'same', before: before++, after: after++, text })
    } else if (line[0] !== '\\') break // the patch was cut here
    i += 1
  }
  file.lineCount += hunk.lines.length
  return i
}

/** git puts a tab behind a name with spaces, so that the name's end can be seen. */
const sidePath = (side: string) => unquote(side.replace(/\t$/, '')).replace(/^[ab]\//, '')

/** `a/name b/name`: where nothing else names the file (binary, empty, mode only), both sides are the same name. */
function pathOfHead(line: string): string {
  const rest = line.slice('diff --git '.length)
  if (rest.startsWith('"')) {
    const end = rest.search(/[^\\]"( |$)/)
    return unquote(rest.slice(0, end + 2)).replace(/^a\//, '')
  }
  return rest.slice(2, 2 + (rest.length - 5) / 2)
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' }

/** git writes unusual names in quotes, their bytes as octal numbers. */
export function unquote(name: string): string {
  if (!/^".*"$/s.test(name)) return name
  const bytes: number[] = []
  const put = (text: string) => bytes.push(...new TextEncoder().encode(text))
  for (const [piece, octal, char] of name.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|[^\\]+/gs)) {
    if (octal) bytes.push(Number.parseInt(octal, 8))
    else put(char ? (ESCAPES[char] ?? char) : piece)
  }
  return new TextDecoder().decode(new Uint8Array(bytes))
}
