// Completion scripts for shells, written from the commands themselves, so that they cannot be behind them.
import type { Command, Option } from 'commander'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

interface Completed {
  name: string
  description: string
  options: Completable[]
  /** What its first argument is. */
  takes: 'run' | 'shell' | 'command' | 'file' | null
}

interface Completable {
  short: string | null
  long: string
  description: string
  /** null: it takes no value. */
  value: { kind: 'choices'; choices: string[] } | { kind: 'directory' | 'file' | 'any' } | null
}

const TAKES: Record<string, Completed['takes']> = {
  run: 'run',
  a: 'run',
  b: 'run',
  shell: 'shell',
  command: 'command',
  file: 'file',
}

export function completionScript(shell: Shell, program: Command): string {
  const globals = optionsOf(program)
  const commands = program.commands.map(
    (command): Completed => ({
      name: command.name(),
      description: command.description(),
      options: optionsOf(command),
      // Only `run` itself and `check` take a goal first, which nobody can list.
      takes: TAKES[command.registeredArguments[0]?.name() ?? ''] ?? null,
    }),
  )
  const write = { bash, zsh, fish }[shell]
  return write(commands, globals)
}

const optionsOf = (command: Command): Completable[] =>
  command.options.flatMap(option => (option.hidden || !option.long ? [] : [completable(option, option.long)]))

function completable(option: Option, long: string): Completable {
  const { short, description, argChoices } = option
  const placeholder = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1] ?? ''
  const kind = placeholder === 'dir' ? 'directory' : placeholder === 'file' ? 'file' : 'any'
  const value = argChoices ? ({ kind: 'choices', choices: argChoices } as const) : ({ kind } as const)
  return { short: short ?? null, long, description, value: placeholder === '' ? null : value }
}

const namesOf = ({ short, long }: Completable) => (short === null ? [long] : [short, long])
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

function bash(commands: Completed[], globals: Completable[]): string {
  const values = (name: string, options: Completable[]) =>
    options.flatMap(option => {
      const { value } = option
      if (value === null) return []
      const words = namesOf(option).map(flag => `"${name} ${flag}"`)
      const reply =
        value.kind === 'choices'
          ? `compgen -W "${value.choices.join(' ')}" -- "$cur"`
          : value.kind === 'directory'
            ? 'compgen -d -- "$cur"'
            : value.kind === 'file'
              ? 'compgen -f -- "$cur"'
              : 'true'
      return [`    ${words.join('|')}) COMPREPLY=($(${reply})); return ;;`]
    })
  const flags = (options: Completable[]) => options.flatMap(namesOf).join(' ')
  const takers = (what: Completed['takes']) =>
    commands.filter(({ takes }) => takes === what).map(({ name }) => name)
  return `# Completion of retrai for bash. Once: source <(retrai completion bash); for ever: put that line into ~/.bashrc
_retrai() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      ${globals
        .filter(({ value }) => value !== null)
        .flatMap(namesOf)
        .join('|')}) ((i++)) ;;
      -*) ;;
      *) command="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  COMPREPLY=()
  case "$command $prev" in
${commands.flatMap(({ name, options }) => values(name, options)).join('\n')}
  esac
  case "$cur" in
    -*)
      case "$command" in
${commands.map(({ name, options }) => `        ${name}) COMPREPLY=($(compgen -W "${flags([...options, ...globals])}" -- "$cur")) ;;`).join('\n')}
        *) COMPREPLY=($(compgen -W "${flags(globals)}" -- "$cur")) ;;
      esac
      return ;;
  esac
  case "$command" in
    '') COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} help" -- "$cur")) ;;
    ${takers('run').join('|')}) COMPREPLY=($(compgen -W "last $(retrai ls -L 30 2>/dev/null | cut -f1)" -- "$cur")) ;;
    ${takers('shell').join('|')}) COMPREPLY=($(compgen -W "${SHELLS.join(' ')}" -- "$cur")) ;;
    ${takers('file').join('|')}) COMPREPLY=($(compgen -f -- "$cur")) ;;
    help) COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$cur")) ;;
  esac
}
complete -F _retrai retrai
`
}

function zsh(commands: Completed[], globals: Completable[]): string {
  const plain = (text: string) => text.replace(/[[\]:\\]/g, '\\$&')
  const spec = (option: Completable) => {
    const { value, description } = option
    const action =
      value === null
        ? ''
        : value.kind === 'choices'
          ? `:value:(${value.choices.join(' ')})`
          : value.kind === 'directory'
            ? ':directory:_files -/'
            : value.kind === 'file'
              ? ':file:_files'
              : ':value:'
    return namesOf(option).map(flag => quoted(`${flag}[${plain(description)}]${action}`))
  }
  const first = { run: '1:run:_retrai_runs', shell: `1:shell:(${SHELLS.join(' ')})`, file: '1:file:_files' }
  const body = ({ name, options, takes }: Completed) =>
    [
      `        ${name})`,
      `          _arguments ${[...options, ...globals].flatMap(spec).join(' ')}${
        takes === null || takes === 'command' ? '' : ` '${first[takes]}'`
      } ;;`,
    ].join('\n')
  return `#compdef retrai
# Completion of retrai for zsh. Once: source <(retrai completion zsh); for ever: retrai completion zsh > "$fpath[1]/_retrai"
_retrai_runs() {
  local -a runs
  runs=('last:the newest run' \${(f)"$(retrai ls -L 30 2>/dev/null | awk -F'\\t' '{ gsub(":", " ", $3); print $1 ":" $2 " " $3 }')"})
  _describe -t runs run runs
}
_retrai() {
  local context state line
  typeset -A opt_args
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    ${quoted(`${name}:${plain(description)}`)}`).join('\n')}
  )
  _arguments -C ${globals.flatMap(spec).join(' ')} '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $line[1] in
${commands.map(body).join('\n')}
      esac ;;
  esac
}
if [ "$funcstack[1]" = _retrai ]; then _retrai "$@"; else compdef _retrai retrai; fi
`
}

function fish(commands: Completed[], globals: Completable[]): string {
  const words = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const option = (when: string, { short, long, description, value }: Completable) =>
    [
      `complete -c retrai${when} -l ${long.slice(2)}`,
      ...(short === null ? [] : [short.startsWith('--') ? `-l ${short.slice(2)}` : `-s ${short.slice(1)}`]),
      ...(value === null
        ? []
        : value.kind === 'choices'
          ? [`-x -a ${words(value.choices.join(' '))}`]
          : value.kind === 'directory'
            ? ["-x -a '(__fish_complete_directories)'"]
            : value.kind === 'file'
              ? ['-r -F']
              : ['-x']),
      `-d ${words(description)}`,
    ].join(' ')
  const inside = (name: string) => ` -n '__fish_seen_subcommand_from ${name}'`
  const argument = {
    run: "-a '(__retrai_runs)'",
    shell: `-a '${SHELLS.join(' ')}'`,
    file: '-F',
  }
  return `# Completion of retrai for fish. Once: retrai completion fish | source; for ever: put it into ~/.config/fish/completions/retrai.fish
function __retrai_runs
  printf 'last\\tthe newest run\\n'
  retrai ls -L 30 2>/dev/null | awk -F'\\t' '{ print $1 "\\t" $2 " " $3 }'
end
complete -c retrai -f
${globals.map(one => option('', one)).join('\n')}
${commands
  .flatMap(({ name, description, options, takes }) => [
    `complete -c retrai -n __fish_use_subcommand -a ${name} -d ${words(description)}`,
    ...options.map(one => option(inside(name), one)),
    ...(takes === null || takes === 'command'
      ? []
      : [`complete -c retrai${inside(name)} ${argument[takes]}`]),
  ])
  .join('\n')}
`
}
