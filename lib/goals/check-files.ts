// The check command's own files: scripts that it runs and that judge rather than are judged, the scripts these run, and what they
// compare results with. A command such as `python main.py | grep ok` names the work itself, and protecting that would refuse
// every honest change; so what counts is what a file is called, how it is called, and whether something else looks at its output.
import { posix } from 'node:path'
import { literally } from '../workspace/match-paths.ts'
import { isNamedAsExpected, isNamedAsJudge, isNamedAsTest, mayBeJudge } from './check-words.ts'
import { baseName, withoutLaunchers } from './command-line.ts'
import type { ProtectedKey } from './goal.ts'
import { recipesOf } from './makefile.ts'
import { type PackageAtStart, packageAt, scriptsCalled } from './package-scripts.ts'
import type { ProjectAtStart } from './project-at-start.ts'
import { shellCalls } from './shell-calls.ts'
import { MAKE_FILES } from './test-files.ts'

export interface CheckFiles {
  /** Globs of what judges. */
  patterns: string[]
  keys: ProtectedKey[]
  /** Files that take part and may be the work. */
  mentioned: string[]
}

const MAX_DEPTH = 4
const MAX_FILES = 300

interface Reading {
  start: ProjectAtStart
  patterns: Set<string>
  keys: Map<string, ProtectedKey>
  mentioned: Set<string>
  read: Set<string>
}

interface Place {
  /** Folder in which the commands run, relative to the root. */
  folder: string
  depth: number
  isCaptured: boolean
  /** In a script of package.json or a recipe: whatever is run there and is not the program itself is the check's. */
  program: PackageAtStart | null
}

export async function checkFiles(command: string, start: ProjectAtStart): Promise<CheckFiles> {
  const reading: Reading = {
    start,
    patterns: new Set(),
    keys: new Map(),
    mentioned: new Set(),
    read: new Set(),
  }
  await readShell(reading, command, { folder: '', depth: 0, isCaptured: false, program: null })
  return {
    patterns: [...reading.patterns],
    keys: [...reading.keys.values()],
    mentioned: [...reading.mentioned],
  }
}

async function readShell(reading: Reading, text: string, place: Place): Promise<void> {
  if (place.depth > MAX_DEPTH) return
  let { folder } = place
  for (const call of shellCalls(text)) {
    const here = { ...place, folder, isCaptured: place.isCaptured || call.isCaptured }
    if (call.words[0] === 'cd' || call.words[0] === 'pushd') {
      const to = inside(reading.start, folder, call.words[1] ?? '')
      if (to !== null) folder = to.path
      continue
    }
    await readCall(reading, call.words, here)
  }
}

async function readCall(reading: Reading, words: string[], place: Place): Promise<void> {
  const bare = withoutLaunchers(words)
  const deeper = { ...place, depth: place.depth + 1 }
  const [program = '', ...args] = bare
  const name = baseName(program)
  if (await readScripts(reading, words, deeper)) return
  if (/^g?make$/.test(name)) return readMake(reading, args, deeper)
  if (SHELLS.test(name)) {
    const at = args.findIndex(word => /^-\w*c$/.test(word))
    if (at !== -1) return readShell(reading, args[at + 1] ?? '', deeper)
  }
  const scriptAt = INTERPRETERS.test(name) || name === '.' || name === 'source' ? scriptOf(bare) : 0
  for (const [index, word] of bare.entries()) await readWord(reading, word, index === scriptAt, place)
}

const SHELLS = /^(ba|da|z|k|a|fi)?sh$/
const INTERPRETERS =
  /^((ba|da|z|k|a|fi)?sh|python[\d.]*|pypy3?|node|nodejs|deno|bun|tsx|ts-node|ruby|perl|php|Rscript|julia|lua|java|kotlin|swift|elixir|bats|osascript|pwsh)$/

/** Where the program stands that an interpreter runs. */
function scriptOf(words: string[]): number {
  for (let i = 1; i < words.length; i++) {
    const word = words[i]!
    if (word === '-m' || word === 'run') return i + 1
    if (/^(-r|--require|--import|--loader|-W|-X|-I)$/.test(word)) i++
    else if (!word.startsWith('-')) return i
  }
  return -1
}

async function readWord(reading: Reading, word: string, isProgram: boolean, place: Place): Promise<void> {
  const { start } = reading
  // `--config=checks/a.json`, `tests/test_a.py::test_b`, `pkg.verify` after -m.
  const plain = word.replace(/^--?[\w-]+=/, '').replace(/::.*$/s, '')
  const found =
    inside(start, place.folder, plain) ??
    (isProgram && /^[\w.]+$/.test(plain) ? moduleAt(start, place.folder, plain) : null)
  if (!found || found.path === '') return
  const name = baseName(found.path)
  if (found.isFolder) {
    if (isNamedAsTest(name) || isNamedAsExpected(name)) reading.patterns.add(`${literally(found.path)}/**`)
    return
  }
  const judges =
    SHELL_FILE.test(name) ||
    isNamedAsTest(name) ||
    (isProgram && (place.isCaptured ? isNamedAsJudge(name) : mayBeJudge(name))) ||
    (isProgram && !place.isCaptured && place.program !== null && !isWork(found.path, place.program)) ||
    (!isProgram && isNamedAsExpected(found.path))
  if (!judges) {
    reading.mentioned.add(found.path)
    return
  }
  await takeJudge(reading, found.path, place)
}

const SHELL_FILE = /\.(sh|bash|zsh|bats|mk)$/

/** Protects it, and looks for what it runs and compares with. */
async function takeJudge(reading: Reading, path: string, place: Place): Promise<void> {
  reading.patterns.add(literally(path))
  if (reading.read.has(path) || reading.read.size >= MAX_FILES || place.depth >= MAX_DEPTH) return
  reading.read.add(path)
  const text = await reading.start.text(path)
  if (text === null || text.includes('\0')) return
  const deeper = { ...place, depth: place.depth + 1, isCaptured: false, program: null }
  const isShell = SHELL_FILE.test(path) || /^#!.*\b(ba|da|z|k|a)?sh\b/.test(text)
  if (isShell) await readShell(reading, text, deeper)
  await readMentions(reading, text, path, deeper)
}

/** What a judging program mentions, in words or literals, and is called like a part of the check. */
async function readMentions(reading: Reading, text: string, path: string, place: Place): Promise<void> {
  const own = posix.dirname(path) === '.' ? '' : posix.dirname(path)
  const words = new Set(text.slice(0, 256 * 1024).match(/[\w@%+=,./-]{2,200}/g) ?? [])
  for (const word of [...words].slice(0, 5000)) {
    const plain = word.replace(/^[=,.-]*(?=\w)|[.,=-]+$/g, '')
    for (const folder of new Set([place.folder, own])) {
      const found =
        inside(reading.start, folder, word) ??
        inside(reading.start, folder, plain) ??
        moduleAt(reading.start, folder, plain)
      if (!found || found.path === '' || found.path === path) continue
      if (found.isFolder) {
        if (isNamedAsExpected(baseName(found.path))) reading.patterns.add(`${literally(found.path)}/**`)
      } else if (
        SHELL_FILE.test(found.path) ||
        isNamedAsJudge(baseName(found.path)) ||
        isNamedAsExpected(found.path)
      )
        await takeJudge(reading, found.path, place)
      else if (/[./]/.test(word)) reading.mentioned.add(found.path)
    }
  }
}

async function readMake(reading: Reading, args: string[], place: Place): Promise<void> {
  for (const pattern of MAKE_FILES) reading.patterns.add(pattern)
  let { folder } = place
  let file: string | null = null
  const targets: string[] = []
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!
    if (word === '-C') folder = inside(reading.start, folder, args[++i] ?? '')?.path ?? folder
    else if (word === '-f') file = args[++i] ?? null
    else if (!word.startsWith('-') && !word.includes('=')) targets.push(word)
  }
  for (const name of file === null ? ['GNUmakefile', 'makefile', 'Makefile'] : [file]) {
    const found = inside(reading.start, folder, name)
    const text = found && (await reading.start.text(found.path))
    if (!found || text === null) continue
    reading.patterns.add(literally(found.path))
    const program = await packageAt(reading.start, folder)
    for (const recipe of recipesOf(text, targets))
      await readShell(reading, recipe, { ...place, folder, program: program ?? null })
    return
  }
}

/** Whether the call runs scripts of package.json; then they and what they run are looked at. */
async function readScripts(reading: Reading, words: string[], place: Place): Promise<boolean> {
  const found = await packageAt(reading.start, place.folder)
  const called = found && scriptsCalled(words, found.scripts)
  if (!found || !called) return false
  const files = called.everywhere ? workspacePackages(reading.start, found.file) : [found.file]
  for (const file of files)
    for (const name of called.names)
      for (const key of [name, `pre${name}`, `post${name}`]) {
        reading.keys.set(`${file}\0${key}`, { file, path: ['scripts', key] })
      }
  for (const name of called.names)
    for (const key of [`pre${name}`, name, `post${name}`]) {
      const text = found.scripts[key]
      const id = `${found.file}#${key}`
      if (text === undefined || reading.read.has(id)) continue
      reading.read.add(id)
      await readShell(reading, text, { ...place, program: found })
    }
  return true
}

const workspacePackages = ({ paths }: ProjectAtStart, own: string): string[] =>
  [own, ...[...paths].filter(path => path.endsWith('/package.json') && path !== own)].slice(0, 100)

/** What a package is for, as against what checks it. */
function isWork(path: string, { main }: PackageAtStart): boolean {
  return main.has(path) || /(^|\/)(src|lib|app|source|dist|build|packages|bin|cmd|server|client)\//.test(path)
}

/** A path in the project as it was; null for anything else. */
function inside(
  start: ProjectAtStart,
  folder: string,
  word: string,
): { path: string; isFolder: boolean } | null {
  if (word === '' || word.startsWith('/') || word.startsWith('-') || word.length > 300) return null
  const path = posix.normalize(posix.join(folder, word)).replace(/\/+$/, '')
  if (path === '..' || path.startsWith('../')) return null
  if (path === '.') return { path: '', isFolder: true }
  if (start.paths.has(path)) return { path, isFolder: false }
  return start.folders.has(path) ? { path, isFolder: true } : null
}

const CODE = [
  '.py',
  '.js',
  '.mjs',
  '.cjs',
  '.ts',
  '.mts',
  '.rb',
  '.pl',
  '.php',
  '.sh',
  '/__main__.py',
  '/__init__.py',
  '/index.js',
]

/** `tools.verify` as a module of Python, `./lib/compare` as one of JavaScript. */
function moduleAt(
  start: ProjectAtStart,
  folder: string,
  word: string,
): { path: string; isFolder: boolean } | null {
  const dotted = /^[A-Za-z_][\w.]*$/.test(word) ? word.replaceAll('.', '/') : null
  for (const name of new Set([word, dotted ?? word]))
    for (const ending of CODE) {
      const found = inside(start, folder, `${name}${ending}`)
      if (found && !found.isFolder) return found
    }
  return null
}
