// Walks a folder and searches its files. A process of its own: a heavy expression or a huge tree blocks nobody, and is
// ended by a timeout. Asked by the variable RETRAI_SEARCH, answers with one line of JSON.
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from 'node:fs'
import { join, relative, sep } from 'node:path'
import picomatch from 'picomatch'

const MAX_FILE_BYTES = 10 * 1024 * 1024
const MAX_LINE_CHARS = 300

/**
 * @type {{ root: string, path: string, glob?: string, skipped: string[], maxResults: number,
 *   grep?: { pattern: string, ignoreCase: boolean, context: number } }}
 */
const ask = JSON.parse(process.env.RETRAI_SEARCH ?? '{}')
const skipped = new Set(ask.skipped)
const hasProc = existsSync('/proc/self/fd')

try {
  console.log(JSON.stringify(search()))
} catch (error) {
  console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }))
}

function search() {
  const matchesGlob = globMatcher(ask.glob)
  const expression = ask.grep && expressionOf(ask.grep)
  const results = []
  let total = 0
  let files = 0
  for (const path of walk(ask.path, rulesAbove(ask.path))) {
    if (!matchesGlob(path)) continue
    files++
    const name = relative(ask.root, path)
    if (!expression) {
      total++
      if (results.length < ask.maxResults) results.push(name)
      continue
    }
    const found = matchesIn(path, expression, ask.grep.context, ask.maxResults - total)
    total += found.count
    if (found.lines.length > 0) results.push({ path: name, lines: found.lines })
  }
  return { results, total, files }
}

/** As forgiving as grep: needless escapes are fine, and (?i) at the start means what it means elsewhere. */
function expressionOf({ pattern, ignoreCase }) {
  const body = pattern.replace(/^\(\?i\)/, '')
  const flags = ignoreCase || body !== pattern ? 'i' : ''
  try {
    return new RegExp(body, `${flags}u`)
  } catch {
    return new RegExp(body, flags)
  }
}

/** A pattern without a slash means the file's name, wherever it is. */
function globMatcher(glob) {
  if (!glob) return () => true
  const cleaned = glob.replace(/^\.?\//, '')
  const isMatch = picomatch(cleaned, { dot: true, basename: !cleaned.includes('/') })
  const below = relative(ask.root, ask.path)
  return path => {
    const name = relative(ask.root, path)
    // Relative to the project, or to the folder that is searched.
    return isMatch(name) || (below !== '' && isMatch(name.slice(below.length + 1)))
  }
}

function* walk(path, rules) {
  if (statSync(path).isFile()) {
    yield path
    return
  }
  const own = [...rules, ...rulesOf(path)]
  let entries
  try {
    entries = readdirSync(path, { withFileTypes: true })
  } catch {
    return // Not readable, or gone: the others are still worth having.
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const full = join(path, entry.name)
    if (isIgnored(own, full, entry.isDirectory())) continue
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) yield* walk(full, own)
    } else if (entry.isFile()) yield full
  }
}

function rulesAbove(path) {
  const parts = relative(ask.root, path).split(sep).filter(Boolean)
  return parts.flatMap((_, depth) => rulesOf(join(ask.root, ...parts.slice(0, depth))))
}

function rulesOf(folder) {
  let text
  try {
    text = readFileSync(join(folder, '.gitignore'), 'utf8')
  } catch {
    return []
  }
  return text
    .split(/\r?\n/)
    .map(line => line.replace(/(?<!\\)\s+$/, ''))
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => ruleFrom(folder, line))
}

function ruleFrom(folder, line) {
  const negated = line.startsWith('!')
  const pattern = negated ? line.slice(1) : line
  const body = pattern.replace(/\/$/, '')
  const glob = body.includes('/') ? body.replace(/^\//, '') : `**/${body}`
  return { folder, negated, onlyFolders: pattern.endsWith('/'), isMatch: picomatch(glob, { dot: true }) }
}

/** The last rule that says something about it wins. */
function isIgnored(rules, path, isFolder) {
  for (const rule of rules.toReversed()) {
    if (rule.onlyFolders && !isFolder) continue
    if (rule.isMatch(relative(rule.folder, path))) return !rule.negated
  }
  return false
}

function matchesIn(path, expression, context, room) {
  const text = readText(path)
  const found = { count: 0, lines: [] }
  if (text === null) return found
  const lines = text.split('\n')
  const shown = new Map()
  for (const [at, line] of lines.entries()) {
    if (!expression.test(line.replace(/\r$/, ''))) continue
    found.count++
    if (found.count > room) continue
    for (let near = Math.max(0, at - context); near <= Math.min(lines.length - 1, at + context); near++) {
      if (near === at || !shown.has(near)) shown.set(near, near === at)
    }
  }
  found.lines = [...shown]
    .sort(([a], [b]) => a - b)
    .map(([at, isMatch]) => [at + 1, isMatch, lines[at].replace(/\r$/, '').slice(0, MAX_LINE_CHARS)])
  return found
}

/** null for what is no text, too large, or not really inside. */
function readText(path) {
  let descriptor
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    const place = hasProc ? readlinkSync(`/proc/self/fd/${descriptor}`) : path
    const found = fstatSync(descriptor)
    if (!place.startsWith(`${ask.root}/`) || !found.isFile() || found.size > MAX_FILE_BYTES) return null
    const content = readFileSync(descriptor)
    return content.subarray(0, 8000).includes(0) ? null : content.toString('utf8')
  } catch {
    return null
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
