// Patterns that people write for commands: `git push`, `docker run --privileged`, `terraform *`. The program and its first arguments
// must be these; options must be there, wherever they stand and however they are bundled.
import { baseOf, type ShellCall, textsOf } from './shell-call.ts'

/** Options that stand before the arguments and take a value of their own. */
const WITH_VALUE: Record<string, string[]> = {
  git: [
    '-C',
    '-c',
    '--git-dir',
    '--work-tree',
    '--namespace',
    '--exec-path',
    '--super-prefix',
    '--config-env',
  ],
  npm: ['--prefix', '-w', '--workspace', '--registry', '--userconfig', '--loglevel', '--otp', '--tag'],
  pnpm: ['-C', '--dir', '--filter', '-F', '--registry', '--tag', '--otp'],
  yarn: ['--cwd', '--registry', '--tag', '--otp'],
  bun: ['--cwd', '--registry', '--tag'],
  cargo: ['-Z', '-C', '--config', '--color', '--manifest-path'],
  docker: ['-H', '--host', '-c', '--context', '--config', '-l', '--log-level'],
  podman: ['--connection', '-c', '--url', '--log-level'],
  kubectl: ['-n', '--namespace', '--context', '--kubeconfig', '-s', '--server', '--user', '--cluster'],
  helm: ['-n', '--namespace', '--kube-context', '--kubeconfig'],
  gh: ['-R', '--repo'],
  glab: ['-R', '--repo'],
  terraform: ['-chdir'],
  mvn: ['-f', '-P', '-pl', '-s', '-D'],
  systemctl: ['-H', '-M', '-t'],
}

export interface Parts {
  program: string
  /** What is no option, without the values of options that are known to take one. */
  args: string[]
  options: string[]
}

export function partsOf(call: ShellCall): Parts {
  const [first = '', ...rest] = textsOf(call)
  const program = baseOf(first)
  const withValue = (Object.hasOwn(WITH_VALUE, program) && WITH_VALUE[program]) || []
  const args: string[] = []
  const options: string[] = []
  let isOver = false
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at]!
    if (isOver || !word.startsWith('-') || word === '-') {
      // `cargo +nightly publish`
      if (!(program === 'cargo' && args.length === 0 && word.startsWith('+'))) args.push(word)
    } else if (word === '--') isOver = true
    else {
      options.push(word)
      if (withValue.includes(word)) at++
    }
  }
  return { program, args, options }
}

/** Whether a call has the option: `-f` also in `-rf`, `--force` also as `--force=…`. */
export const hasOption = ({ options }: Parts, wanted: string): boolean =>
  options.some(option =>
    wanted.startsWith('--')
      ? option === wanted || option.startsWith(`${wanted}=`)
      : option === wanted || (!option.startsWith('--') && option.slice(1).includes(wanted.slice(1))),
  )

export function matchesPattern(pattern: string, call: ShellCall): boolean {
  const [program = '', ...words] = pattern.trim().split(/\s+/)
  const parts = partsOf(call)
  const isProgram = fits(program, program.includes('/') ? (call.words[0]?.text ?? '') : parts.program)
  if (!isProgram) return false
  const options = words.filter(word => word.startsWith('-') && word !== '-')
  const wanted = words.filter(word => !options.includes(word))
  if (wanted.at(-1) === '*') wanted.pop()
  return (
    wanted.every((word, at) => parts.args[at] !== undefined && fits(word, parts.args[at])) &&
    options.every(option => lettersOf(option).every(one => hasOption(parts, one)))
  )
}

/** `-rf` asks for both letters, in whatever spelling they come. */
const lettersOf = (option: string) =>
  option.startsWith('--') ? [option] : [...option.slice(1)].map(letter => `-${letter}`)

/** `*` stands for anything, also nothing. Without regular expressions, which patterns could make slow. */
function fits(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === text
  if (!text.startsWith(head)) return false
  let at = head.length
  const tail = rest.pop()!
  for (const piece of rest) {
    const found = text.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return text.length - at >= tail.length && text.endsWith(tail)
}
