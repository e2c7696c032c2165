// The end of each command's help: what it does in sentences, what its exit codes mean, and which variables it reads.
import type { Command } from 'commander'
import { EXIT, type ExitCode } from './exit-codes.ts'

interface Manual {
  about: string[]
  /** Besides 0, 1 and 2, which every command has. */
  exits?: ExitCode[]
  /** What 0, 1 and others mean here, where it is not what they usually mean. */
  means?: Partial<Record<ExitCode, string>>
  /** Besides what every command reads. */
  reads?: (keyof typeof VARIABLES)[]
  /** It asks no server. */
  isLocal?: boolean
  also?: string[]
}

const MEANINGS: Record<ExitCode, string> = {
  0: 'done',
  1: 'an unexpected error, here or on the server',
  2: 'the command is wrong; nothing was started',
  3: 'not achieved: a budget is spent, or nothing moved any more',
  4: 'a token is missing or wrong',
  5: 'there is no such run',
  6: 'it conflicts with what has happened: the gate is decided, the run has ended, the diff has changed',
  7: 'the run was aborted',
  8: 'the run waits for a person (with --on-gate exit)',
  9: 'the server cannot be reached',
  10: 'the run failed: its check cannot run, or the loop cannot go on',
  124: '--timeout is over; the run goes on',
  130: 'Ctrl-C; the run goes on',
}

const VARIABLES = {
  RETRAI_SERVER: 'the server to talk to; default: http://127.0.0.1:8000',
  RETRAI_TOKEN: 'the token of the server',
  RETRAI_CONFIG: 'the file of `retrai config`; default: ~/.config/retrai/config.json',
  PORT: 'the port that is usual here; default: 8000',
  NO_COLOR: 'no colours',
  FORCE_COLOR: 'colours also where there is no terminal; 0: never',
  CI: 'nothing is drawn over, and no question is asked',
  TERM: 'dumb: neither colours nor lines that are drawn over',
  RETRAI_DATA_DIR: 'where runs are kept; default: ~/.local/share/retrai',
  ANTHROPIC_API_KEY: 'the key of the default model, for a server that is started here',
  ANTHROPIC_BASE_URL: 'another endpoint that speaks the Messages API, for a server that is started here',
} as const
const ALWAYS = ['RETRAI_SERVER', 'RETRAI_TOKEN', 'RETRAI_CONFIG', 'NO_COLOR', 'FORCE_COLOR'] as const

const { notAchieved, auth, notFound, conflict, aborted, waiting, unreachable, failed, timeout, interrupted } =
  EXIT
const OF_RUNS: ExitCode[] = [notFound, auth, unreachable]
const OF_ENDS: ExitCode[] = [notAchieved, aborted, waiting, failed, timeout, interrupted]
const ENDED = { 0: 'the goal is achieved' }
const OWN_SERVER = ['PORT', 'RETRAI_DATA_DIR', 'ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL'] as const

const ATTENDING = [
  'Progress goes to stderr and the result to stdout; with --json, stdout is the journal, one event per line. In a terminal the last lines say what goes on now.',
  'At a gate the terminal shows what changed, or what is to be run, and asks; without a terminal the address of the page is said, and the command waits.',
  'Of --on-gate, approve is meant for iterations: a command that asks is denied then, and settings that nobody has accepted end the run.',
  'Ctrl-C leaves the run alone and says how to follow it again; a second one within two seconds aborts it.',
]

const MANUALS: Record<string, Manual> = {
  serve: {
    about: ['This process becomes the server. SIGTERM and Ctrl-C stop it in order, a second one at once.'],
    means: { 0: 'stopped in order', 1: 'it could not be started, or had to stop' },
    reads: ['PORT', 'RETRAI_DATA_DIR', 'ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL'],
    isLocal: true,
    also: ['doctor', 'backup', 'demo'],
  },
  run: {
    about: ['Where no server answers, one is started for this run, and ends with it.', ...ATTENDING],
    exits: [...OF_ENDS, auth, unreachable],
    means: ENDED,
    reads: ['CI', ...OWN_SERVER],
    also: ['check', 'rerun', 'watch', 'init'],
  },
  rerun: {
    about: [
      'Everything is as it was resolved then, whatever .retrai.yml says by now. The files are those of the directory as it is now.',
      'With --continue the agent is told what the run before tried, tests are held against that one’s start, and its changes count. Of a run that has ended without meeting its goal; the goal and the directory stay.',
      ...ATTENDING,
    ],
    exits: [...OF_ENDS, ...OF_RUNS],
    means: ENDED,
    reads: ['CI', ...OWN_SERVER],
    also: ['run', 'compare'],
  },
  watch: {
    about: [
      'Of one run: the end of what happened, then what happens, with its gates. Without a run: a table of all that are at work, drawn over once a second; without a terminal, a line for each change.',
      'It ends with the run, and its exit code is that of `retrai run`. Ctrl-C leaves the run alone.',
    ],
    exits: [...OF_ENDS, ...OF_RUNS],
    means: ENDED,
    reads: ['CI', 'TERM'],
    also: ['logs', 'ls', 'wait'],
  },
  demo: {
    about: [
      'Copies a small project with failing tests, starts a server on any free port, and lets a model repair it.',
    ],
    exits: [notAchieved, failed, interrupted],
    means: { 0: 'the goal is achieved, and npm test says so too' },
    reads: ['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL'],
    isLocal: true,
    also: ['run'],
  },
  ls: {
    about: [
      'In a terminal a table, cut to it; elsewhere one line per run, full ids, values between tabs, no header. With --json a list, with --watch one run per line.',
    ],
    exits: [auth, unreachable, interrupted],
    means: { 130: 'Ctrl-C, with --watch' },
    reads: ['CI', 'TERM'],
    also: ['show', 'watch'],
  },
  show: {
    about: ['Status, what it took, and its iterations, each in a line.'],
    exits: OF_RUNS,
    also: ['logs', 'diff'],
  },
  logs: {
    about: [
      'One line per event that says something; --json has all of each. With -f it goes on until the run has ended, over restarts of the server.',
      'With --tail, only the last of what is there; with -f, what comes follows.',
    ],
    exits: [...OF_RUNS, interrupted],
    also: ['watch', 'show', 'export'],
  },
  diff: {
    about: [
      'What is shown may not be what a terminal obeys: control characters are spelled. --patch is as it is.',
    ],
    exits: OF_RUNS,
    means: { 1: 'there is no diff, because git is not installed where the run is; or an unexpected error' },
    also: ['export', 'show'],
  },
  approve: {
    about: [
      'The same decision twice counts once. With --reviewed, a directory that has changed since is refused.',
      'With --next or --rest the gates of the coming iterations do not open; those about commands and settings always do.',
      'With --undo the directory is put back to what it was before the iteration. Files that snapshots leave out (ignored ones, .git) stay as they are; a directory that has changed since the gate opened is refused.',
    ],
    exits: [...OF_RUNS, conflict],
    also: ['diff', 'deny', 'abort', 'ls'],
  },
  deny: {
    about: ['The command is not run. The agent is told so, with the note, and the run goes on.'],
    exits: [...OF_RUNS, conflict],
    means: { 6: 'the run asks about no command, or it is decided already' },
    also: ['approve', 'abort', 'show'],
  },
  abort: {
    about: ['Everything the run started is gone when this command ends. In a terminal it asks first.'],
    exits: [...OF_RUNS, conflict, interrupted],
    means: { 0: 'it is aborted, now or before', 130: 'no was the answer; nothing was done' },
    reads: ['CI'],
    also: ['approve'],
  },
  wait: {
    about: [
      'Of several runs, each is printed when it ends; the exit code is that of the first, in the order given, that was not achieved.',
      'With --on-gate exit it ends as soon as one of them waits for a person.',
    ],
    exits: [...OF_ENDS, ...OF_RUNS],
    means: { 0: 'all of them are achieved' },
    also: ['watch', 'run'],
  },
  check: {
    about: [
      'Runs the check of a goal as a run would, without an agent and without tokens. Of a run, says what its last check found.',
    ],
    exits: [notAchieved, failed, auth, notFound, unreachable],
    means: { 0: 'the goal is met', 3: 'the goal is not met', 10: 'the check cannot run' },
    reads: [...OWN_SERVER],
    also: ['run', 'goals', 'verify'],
  },
  verify: {
    about: ['Runs the check of a run again and holds verdict and files against the evidence that was kept.'],
    exits: [notAchieved, ...OF_RUNS],
    means: {
      0: 'verdict and files agree',
      3: 'they do not agree',
      5: 'there is no such run, or it left no evidence',
    },
    also: ['check', 'export'],
  },
  compare: {
    about: [
      'Of what was asked, only what differs. With --json: both runs whole, the names of what was asked differently, and why they are not like for like.',
    ],
    exits: OF_RUNS,
    also: ['show', 'rerun'],
  },
  export: {
    about: [
      'To stdout, or to a file, whose ending says the format. Secrets were taken out when it was stored.',
    ],
    exits: OF_RUNS,
    also: ['logs', 'diff', 'verify'],
  },
  init: {
    about: ['What a run takes that says nothing else. Options and variables go before it.'],
    exits: [auth, conflict, unreachable],
    means: { 6: '.retrai.yml is there already; --force writes it anew' },
    reads: [...OWN_SERVER],
    also: ['check', 'goals', 'run'],
  },
  backup: {
    about: [
      'All runs as they are at this moment, while the server works or without one. Snapshots for diffs are not in it.',
    ],
    exits: [auth, conflict, unreachable],
    means: { 6: 'the file is there already; --force replaces it' },
    reads: ['PORT', 'RETRAI_DATA_DIR'],
    also: ['serve'],
  },
  doctor: {
    about: ['What is missing is said with how to get it.'],
    means: {
      0: 'all that is needed is there',
      1: 'something is missing; what only could be better does not count',
    },
    reads: ['RETRAI_DATA_DIR'],
    isLocal: true,
    also: ['serve'],
  },
  goals: {
    about: ['--json has the JSON Schema of the options of each.'],
    exits: [auth, unreachable],
    also: ['check', 'init'],
  },
  models: {
    about: ['Whether a model can be used, and if not, why.'],
    exits: [auth, unreachable],
    also: ['run'],
  },
  config: {
    about: [
      'What is kept holds for every command on this machine, where nothing else says it: an option goes first, then a variable, then the .retrai.yml of the project, then this.',
      'The file can be read by you alone. A token in it is sent to the server that is set beside it, or to servers of this machine; it is never shown.',
    ],
    exits: [notFound],
    means: { 5: 'what was asked for is not set' },
    reads: ['RETRAI_CONFIG'],
    isLocal: true,
    also: ['token', 'init'],
  },
  token: {
    about: [
      'On stdout the token alone: the one that is given or kept, else a new one. How to use it is said on stderr.',
    ],
    reads: ['RETRAI_TOKEN', 'RETRAI_CONFIG'],
    isLocal: true,
    also: ['config', 'serve'],
  },
  open: {
    about: ['The address is printed; the browser is opened only from a terminal.'],
    exits: OF_RUNS,
    also: ['show', 'watch'],
  },
  completion: {
    about: [
      'The script completes commands, options, their values, and the ids of the newest runs, for which it asks `retrai ls`.',
    ],
    isLocal: true,
  },
  version: { about: ['The version stands alone on stdout.'], isLocal: true },
}

/** Throws for a command without a manual: whoever adds one writes it here. */
export function addManual(command: Command): void {
  const manual = MANUALS[command.name()]
  if (!manual) throw new Error(`lib/cli/manual.ts says nothing of ${command.name()}`)
  command.addHelpText('after', text(manual))
}

function text({ about, exits = [], means = {}, reads = [], isLocal, also = [] }: Manual): string {
  const codes = [...new Set<ExitCode>([EXIT.achieved, EXIT.error, EXIT.usage, ...exits])].sort(
    (a, b) => a - b,
  )
  const colours = ['NO_COLOR', 'FORCE_COLOR'] as const
  const variables = [...new Set([...(isLocal ? colours : ALWAYS), ...reads])]
  const wide = Math.max(...variables.map(name => name.length))
  return [
    '',
    'About:',
    ...about.flatMap(sentence => wrapped(sentence, '  ')),
    '',
    'Exit codes:',
    ...codes.map(code => `  ${String(code).padStart(3)}  ${means[code] ?? MEANINGS[code]}`),
    '',
    'Environment:',
    ...variables.map(name => `  ${name.padEnd(wide)}  ${VARIABLES[name]}`),
    ...(also.length > 0 ? ['', `See also: ${also.map(name => `retrai ${name}`).join(', ')}`] : []),
  ].join('\n')
}

const WIDTH = 96

function wrapped(sentence: string, indent: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of sentence.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, indent + line]
}
