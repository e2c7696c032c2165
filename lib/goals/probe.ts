// Finds out which test runner a command starts, and how to make it report its tests.
import { randomBytes } from 'node:crypto'
import { baseName, callsIn, plainWords, withoutLaunchers } from './command-line.ts'
import { parseJunit } from './junit.ts'
import { jsonProbe, nodeProbe } from './node-probe.ts'
import { placeWatch, readWatched, watchName } from './pytest-watch.ts'
import { parseReportLines } from './report-lines.ts'
import type { Probe } from './run-with-report.ts'
import { suitesProbe } from './suites-probe.ts'
import { placeUnittest, unittestName } from './unittest-watch.ts'

export type Runner =
  | 'pytest'
  | 'unittest'
  | 'node'
  | 'vitest'
  | 'jest'
  | 'mocha'
  | 'bun'
  | 'deno'
  | 'cargo'
  | 'go'
/** The scripts of package.json. */
export type Scripts = Record<string, string>

/** The runners a command starts, npm scripts followed. */
export function runnersIn(command: string, scripts: Scripts = {}): Runner[] {
  const found = new Set<Runner>()
  for (const text of [command, ...scriptsOf(command, scripts)])
    for (const words of callsIn(text)) {
      const runner = runnerOf(words)
      if (runner) found.add(runner)
    }
  return [...found]
}

/** null when there is no safe way to get a report; then the exit code and the printed summary have to do. */
export function probeFor(command: string, root: string, scripts: Scripts = {}): Probe | null {
  const words = plainWords(command)
  if (words && runnerOf(words) === 'pytest') return pytestProbe(command, words, root)
  if (words && runnerOf(words) === 'unittest') return unittestProbe(command, root)
  const runners = runnersIn(command, scripts)
  if (runners.includes('vitest') || runners.includes('jest')) {
    const extended = extendLastCall(command, scripts, jsonOptions)
    if (extended) return jsonProbe(extended, root)
  }
  for (const runner of ['bun', 'deno'] as const) {
    if (!runners.includes(runner)) continue
    const extended = extendLastCall(command, scripts, call => junitOptions(runner, call))
    return extended && suitesProbe(runner, extended, root)
  }
  const mayUseNode = callsIn(command).some(
    call => scriptName(call) !== null || baseName(withoutLaunchers(call)[0] ?? '') === 'node',
  )
  if (!runners.includes('node') && (runners.length > 0 || !mayUseNode)) return null
  return nodeProbe(command, root, [command, ...scriptsOf(command, scripts)].join('\n'))
}

function pytestProbe(command: string, words: string[], root: string): Probe | null {
  const isSpecial = (word: string) =>
    word === '--' ||
    /^(--junit-?xml|--collect-only|--co$|--version|-V$|--help|-h$|--fixtures|--markers)/.test(word)
  if (words.some(isSpecial)) return null
  const key = randomBytes(24).toString('hex')
  return {
    // xunit1 names the file of each test. The cache goes out of the project, but is not switched off: a project whose
    // options say --lf or --ff could not start without it.
    command: folder =>
      [
        placeWatch(folder, root, key),
        `${withPythonPath(command, folder)} -p ${watchName(key)} --junitxml='${folder}/report.xml' -o junit_family=xunit1 -o cache_dir='${folder}/cache'`,
      ].join('\n'),
    env: () => ({ PYTHONDONTWRITEBYTECODE: '1' }),
    alwaysReports: true,
    async parse(report) {
      const watched = readWatched(report, key)
      return watched && parseJunit(watched.report)
    },
    tampering: report => readWatched(report, key)?.tampering ?? [],
  }
}

function unittestProbe(command: string, root: string): Probe | null {
  const call = /(\s-m\s+)unittest(?=\s|$)/
  if (!call.test(command) || /\s(-h|--help)\b/.test(command)) return null
  const key = randomBytes(24).toString('hex')
  return {
    command: folder =>
      [
        placeUnittest(folder, root, key),
        withPythonPath(command.replace(call, `$1${unittestName(key)}`), folder),
      ].join('\n'),
    alwaysReports: true,
    async parse(report) {
      const watched = readWatched(report, key)
      return watched && parseReportLines(watched.report)
    },
    tampering: report => readWatched(report, key)?.tampering ?? [],
  }
}

/** Python also looks into the folder, last but for its own: a command that sets the variable itself keeps what it set. */
function withPythonPath(command: string, folder: string): string {
  const own = /(^|\s)PYTHONPATH=/
  if (own.test(command)) return command.replace(own, `$1PYTHONPATH='${folder}':`)
  return `PYTHONPATH='${folder}'"\${PYTHONPATH:+:$PYTHONPATH}" ${command}`
}

/** The runner of one plain call. */
function runnerOf(call: string[]): Runner | null {
  const [first = '', ...args] = withoutLaunchers(call)
  const name = baseName(first)
  if (name === 'pytest' || name === 'py.test') return 'pytest'
  if (/^python[\d.]*$/.test(name)) {
    const module = args[args.indexOf('-m') + 1]
    if (args.includes('-m')) return module === 'pytest' || module === 'unittest' ? module : null
    return baseName(args[0] ?? '') === 'manage.py' && args[1] === 'test' ? 'unittest' : null
  }
  if ((name === 'node' || name === 'tsx') && args.some(arg => arg === '--test')) return 'node'
  if (name === 'vitest' || name === 'jest' || name === 'mocha') return name
  if (name === 'react-scripts' && args[0] === 'test') return 'jest'
  if (name === 'bun' || name === 'deno')
    return args.find(arg => !arg.startsWith('-')) === 'test' ? name : null
  if ((name === 'cargo' || name === 'go') && args[0] === 'test') return name
  return null
}

const MANAGERS = new Set(['npm', 'pnpm', 'yarn', 'bun'])

/** `npm test` → test, `yarn run unit` → unit; null for anything else. */
function scriptName(call: string[]): string | null {
  const [manager = '', ...rest] = call.filter(
    word => !/^[A-Za-z_]\w*=/.test(word) && !/^(-s|--silent)$/.test(word),
  )
  if (!MANAGERS.has(baseName(manager))) return null
  const [first = '', second = ''] = rest
  if (['run', 'run-script', 'rum'].includes(first)) return second || null
  if (['test', 't', 'tst'].includes(first) && baseName(manager) !== 'bun') return 'test'
  // Only npm wants the word run before any other script.
  return baseName(manager) === 'pnpm' || baseName(manager) === 'yarn' ? first || null : null
}

/** The scripts of package.json that a command names itself. */
export const scriptNamesIn = (command: string): string[] => [
  ...new Set(callsIn(command).flatMap(call => scriptName(call) ?? [])),
]

/** The texts of the scripts a command runs, and of those that they run. */
export function scriptsOf(command: string, scripts: Scripts, seen = new Set<string>()): string[] {
  return callsIn(command).flatMap(call => {
    const name = scriptName(call)
    const text = name === null ? undefined : scripts[name]
    if (name === null || typeof text !== 'string' || seen.has(name)) return []
    seen.add(name)
    return [text, ...scriptsOf(text, scripts, seen)]
  })
}

/** A way to add options, some of which name a file, to a call; null when the call cannot have them. */
type Extend = (call: string[]) => ((file: string) => string) | null

/** The command with options added to the call at its very end, npm scripts followed; null when that cannot be done. */
export function extendLastCall(
  command: string,
  scripts: Scripts,
  optionsFor: Extend,
): ((file: string) => string) | null {
  let text = command
  let separators = ''
  for (let depth = 0; depth < 5; depth++) {
    if (text.includes('<<')) return null
    const words = plainWords(text.slice(lastPartStart(text)))
    if (!words) return null
    const name = scriptName(words)
    if (name !== null && typeof scripts[name] === 'string') {
      // npm takes the first `--` for itself and hands the rest to the script.
      if (baseName(words[0]!) === 'npm' && !words.includes('--')) separators += ' --'
      text = scripts[name]
      continue
    }
    const options = optionsFor(words)
    return options && (file => `${command}${separators} ${options(file)}`)
  }
  return null
}

function jsonOptions(words: string[]): ((file: string) => string) | null {
  const runner = runnerOf(words)
  const has = (pattern: RegExp) => words.some(word => pattern.test(word))
  if (has(/^(--outputFile|--watch|--watchAll|-w$|--ui|--json|--listTests|--help|--version|--$)/)) return null
  if (runner === 'jest') return file => `--json --outputFile=${file}`
  if (runner !== 'vitest' || has(/^(bench|list|init|watch|dev)$/)) return null
  const printed = has(/^--reporter/) ? '' : '--reporter=default '
  return file => `${printed}--reporter=json --outputFile.json=${file}`
}

function junitOptions(runner: 'bun' | 'deno', words: string[]): ((file: string) => string) | null {
  const isOther = (word: string) =>
    /^(--reporter|--reporter-outfile|--junit-path|--watch|--help|-h$|--no-run|--list|--$)/.test(word)
  if (runnerOf(words) !== runner || words.some(isOther)) return null
  return runner === 'bun'
    ? file => `--reporter=junit --reporter-outfile=${file}`
    : file => `--junit-path=${file}`
}

/** Where the last part of `a && b ; c` begins. */
function lastPartStart(command: string): number {
  let start = 0
  let quoted: string | null = null
  for (let i = 0; i < command.length; i++) {
    const c = command[i]!
    if (c === '\\' && quoted !== "'") i++
    else if (quoted) quoted = c === quoted ? null : quoted
    else if (c === '"' || c === "'") quoted = c
    else if (c === ';' || c === '\n') start = i + 1
    else if (c === '&' && command[i + 1] === '&') start = ++i + 1
  }
  return start
}
