// Every call that a command makes, also through whatever starts another program: `env`, `timeout 5`, `xargs`, `bash -c '…'`,
// a script that is piped into a shell.
import { readShell, tooDeep } from './read-shell.ts'
import {
  baseOf,
  plainWord,
  programOf,
  type ShellCall,
  type ShellState,
  textsOf,
  UNKNOWN,
  type Word,
  withWords,
} from './shell-call.ts'

const MAX_DEPTH = 6
const MAX_CALLS = 1000
/** More than the system takes for one command. */
const MAX_CHARS = 131_072
const SHELLS = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh', 'ash', 'fish', 'mksh', 'yash'])
export const isShell = (program: string) => SHELLS.has(program)

/** Programs that start what stands behind their own options. The options that take a value of their own. */
const LAUNCHERS: Record<string, string[]> = {
  nohup: [],
  setsid: [],
  time: ['-f', '-o', '--format', '--output'],
  nice: ['-n', '--adjustment'],
  ionice: ['-c', '-n', '-p', '--class', '--classdata'],
  chrt: [],
  taskset: [],
  stdbuf: ['-i', '-o', '-e', '--input', '--output', '--error'],
  timeout: ['-s', '-k', '--signal', '--kill-after'],
  gtimeout: ['-s', '-k', '--signal', '--kill-after'],
  exec: ['-a'],
  builtin: [],
  command: [],
  env: ['-u', '-C', '--unset', '--chdir'],
  sudo: [
    '-u',
    '-g',
    '-p',
    '-C',
    '-D',
    '-h',
    '-R',
    '-T',
    '-U',
    '--user',
    '--group',
    '--prompt',
    '--chdir',
    '--host',
  ],
  doas: ['-u', '-C'],
  pkexec: ['--user'],
  run0: ['-u', '--user', '-D', '--chdir'],
  chroot: [],
  unshare: [],
  fakeroot: [],
  'xvfb-run': ['-n', '-e', '-f', '-s', '-w', '-p'],
  'dbus-run-session': [],
  strace: ['-e', '-o', '-p', '-s', '-u', '-E'],
  ltrace: ['-e', '-o', '-p'],
  flock: ['-w', '-E', '--timeout'],
  busybox: [],
  toybox: [],
  'cross-env': [],
  dotenv: ['-f', '-e'],
  npx: ['-p', '--package'],
  bunx: [],
  caffeinate: ['-t', '-w'],
  proxychains: ['-f'],
  proxychains4: ['-f'],
  noglob: [],
  unbuffer: [],
}
/** Further words of theirs that are no options. */
const OPERANDS: Record<string, number> = { timeout: 1, gtimeout: 1, flock: 1, chroot: 1, chrt: 1, taskset: 1 }
const WITH_SUBCOMMAND: Record<string, string> = {
  uv: 'run',
  poetry: 'run',
  pipenv: 'run',
  pdm: 'run',
  hatch: 'run',
  rye: 'run',
  bundle: 'exec',
  pnpm: 'exec|dlx',
  yarn: 'exec|dlx',
  npm: 'exec|x',
  mise: 'exec|x',
}

export function callsOf(command: string, state: ShellState): ShellCall[] {
  const found: ShellCall[] = []
  const add = (calls: ShellCall[], depth: number, isRead = true) => {
    for (const call of calls) {
      if (found.length > MAX_CALLS) return
      if (found.length === MAX_CALLS) {
        found.push(tooDeep(state))
        return
      }
      // What runs inside its words is the same for the call behind a launcher.
      if (isRead) for (const { inner } of wordsOf(call)) add(inner, depth)
      found.push(call)
      if (depth >= MAX_DEPTH) continue
      const script = scriptOf(call)
      const words = script === null ? innerWords(call) : null
      if (script !== null) add(readShell(script, stateOf(call, state), depth + 1), depth + 1)
      else if (words && words.length > 0 && words.length < call.words.length + 1000)
        add([withWords(call, words)], depth + 1, false)
    }
  }
  add(command.length > MAX_CHARS ? [tooDeep(state)] : readShell(command, stateOf(null, state)), 0)
  return found
}

const wordsOf = (call: ShellCall) => [...call.words, ...call.redirects.map(({ target }) => target)]
const stateOf = (call: ShellCall | null, state: ShellState): ShellState => ({
  dir: call ? call.dir : state.dir,
  home: state.home,
  variables: new Map(state.variables),
})

/** The words of the call behind a launcher; null where there is none. */
function innerWords(call: ShellCall): Word[] | null {
  const { words } = call
  const program = programOf(call)
  const texts = textsOf(call)
  if (/^[A-Za-z_]\w*\+?=/.test(texts[0] ?? '')) return words.slice(1)
  if (program === 'xargs') return argumentsOf(call)
  if (program === 'parallel')
    return afterOptions(words, ['-j', '--jobs', '-a', '-S', '-I']).filter(
      ({ text }) => !text.startsWith(':::'),
    )
  if (program === 'find') return executedBy(words)
  if (program === 'env') return afterEnv(words)
  const wanted = WITH_SUBCOMMAND[program]
  if (wanted !== undefined) {
    const at = texts.findIndex((word, i) => i > 0 && !word.startsWith('-'))
    if (at === -1 || !new RegExp(`^(${wanted})$`).test(texts[at]!)) return null
    const rest = afterOptions(words.slice(at), ['--with', '-p', '--python', '--package', '-c'])
    return rest[0]?.text === '--' ? rest.slice(1) : rest
  }
  const options = Object.hasOwn(LAUNCHERS, program) ? LAUNCHERS[program] : undefined
  if (!options) return null
  // `command -v git` only asks where it is.
  if (program === 'command' && /^-[pvV]*[vV]/.test(texts[1] ?? '')) return null
  const rest = afterOptions(words, options).slice(OPERANDS[program] ?? 0)
  const from = rest.findIndex(({ text }) => !/^[A-Za-z_]\w*=/.test(text))
  return from === -1 ? null : rest.slice(from)
}

/** Behind the program and its options; of `withValue` also behind the next word. */
function afterOptions(words: Word[], withValue: string[]): Word[] {
  let at = 1
  for (; at < words.length; at++) {
    const { text } = words[at]!
    if (text === '--') return words.slice(at + 1)
    if (!text.startsWith('-') || text === '-') break
    if (withValue.includes(text)) at++
  }
  return words.slice(at)
}

/** `env -i X=y git push`, `env -S "git push"` */
function afterEnv(words: Word[]): Word[] {
  const at = words.findIndex(({ text }, i) => i > 0 && /^(-S|--split-string(=|$)|-S.)/.test(text))
  if (at !== -1) {
    const { text } = words[at]!
    const isApart = text === '-S' || text === '--split-string'
    const line = isApart ? (words[at + 1]?.text ?? '') : text.replace(/^(-S|--split-string=)/, '')
    return [...line.trim().split(/\s+/).map(plainWord), ...words.slice(at + (isApart ? 2 : 1))]
  }
  const rest = afterOptions(words, LAUNCHERS.env!)
  const from = rest.findIndex(({ text }) => !/^[A-Za-z_]\w*=/.test(text) && text !== '-')
  return from === -1 ? [] : rest.slice(from)
}

/** `xargs -n 1 rm -rf`: with what is piped into it, where that is plain text. */
function argumentsOf(call: ShellCall): Word[] {
  const withValue = [
    '-I',
    '-n',
    '-P',
    '-L',
    '-d',
    '-s',
    '-E',
    '-a',
    '--max-args',
    '--max-procs',
    '--delimiter',
    '--arg-file',
  ]
  const rest = afterOptions(call.words, withValue)
  const given = (textInto(call) ?? UNKNOWN).split(/\s+/).filter(text => text !== '')
  const texts = textsOf(call)
  const at = texts.findIndex(text => text === '-I' || /^-I./.test(text))
  if (at === -1) return [...rest, ...given.map(plainWord)]
  const mark = texts[at] === '-I' ? (texts[at + 1] ?? '{}') : texts[at]!.slice(2)
  return rest.flatMap(word =>
    word.text.includes(mark) ? given.map(text => plainWord(word.text.replaceAll(mark, text))) : [word],
  )
}

/** `find . -exec rm -rf {} +`: the name that is found stays unknown. */
function executedBy(words: Word[]): Word[] | null {
  const from = words.findIndex(({ text }) => /^-(exec|execdir|ok|okdir)$/.test(text))
  if (from === -1) return null
  const to = words.findIndex(({ text }, i) => i > from && (text === ';' || text === '+'))
  return words
    .slice(from + 1, to === -1 ? undefined : to)
    .map(word => (word.text.includes('{}') ? plainWord(word.text.replaceAll('{}', UNKNOWN)) : word))
}

/** The text that a shell is given to run; null where it is none, or cannot be seen. */
function scriptOf(call: ShellCall): string | null {
  const program = programOf(call)
  const texts = textsOf(call)
  if (isShell(program)) {
    const given = shellArguments(texts)
    if (given.script !== null) return given.script
    return given.file === null ? textInto(call) : null
  }
  switch (program) {
    case 'eval':
      return texts.slice(1).join(' ')
    case 'trap':
      return texts[1] === '-' ? null : (texts.find((text, i) => i > 0 && !text.startsWith('-')) ?? null)
    case 'su':
    case 'runuser':
    case 'script':
      return valueBehind(texts, /^(-c|--command|--session-command)$/)
    case 'watch':
      return texts
        .slice(1)
        .filter((text, i, all) => !text.startsWith('-') && !/^-[nd]$/.test(all[i - 1] ?? ''))
        .join(' ')
    case 'nix-shell':
      return valueBehind(texts, /^--(run|command)$/)
    default:
      return null
  }
}

const valueBehind = (texts: string[], option: RegExp): string | null => {
  const at = texts.findIndex(text => option.test(text))
  return at === -1 ? null : (texts[at + 1] ?? null)
}

/** `bash -lc 'script'`, `bash file`, or neither; `at`: which word it is. */
export function shellArguments(texts: string[]): { script: string | null; file: string | null; at: number } {
  const neither = { script: null, file: null, at: -1 }
  let hasCommand = false
  for (let at = 1; at < texts.length; at++) {
    const text = texts[at]!
    if (/^([-+][oO]|--rcfile|--init-file)$/.test(text)) at++
    else if (text === '--') continue
    else if (text === '-' || /^-[a-zA-Z]*s[a-zA-Z]*$/.test(text)) return neither
    else if (/^[-+]./.test(text)) hasCommand ||= /^-[a-zA-Z]*c/.test(text) || text === '--command'
    else return hasCommand ? { script: text, file: null, at } : { script: null, file: text, at }
  }
  return neither
}

/** What a call reads from its standard input, where it is written down beside it. */
function textInto(call: ShellCall): string | null {
  if (call.here !== null) return call.here
  const { from } = call
  if (!from) return null
  const [, ...args] = textsOf(from)
  switch (baseOf(from.words[0]?.text ?? '')) {
    case 'echo': {
      const words = args.filter((word, at) => at > 0 || !/^-[neE]+$/.test(word))
      return words.join(' ')
    }
    case 'printf':
      return args.length > 1 && /^%[sb](\\n)?$/.test(args[0]!)
        ? args.slice(1).join('\n')
        : args.join(' ').replaceAll('\\n', '\n')
    case 'cat':
    case 'tee':
      return from.here ?? (from.from ? textInto(from) : null)
    default:
      return null
  }
}
