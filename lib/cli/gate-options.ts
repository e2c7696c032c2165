// How a command line says when a run stops for a person, and what happens when nobody comes.
import { type Command, Option } from 'commander'
import { GATE_MODES, type GateMode, type OnTimeout } from '#lib/contract/gate-policy'
import { usageError } from './cli-error.ts'
import { parseDuration } from './parse-options.ts'

export interface GateOptions {
  /** false: --no-gate. */
  gate?: GateMode | false
  /** Milliseconds. */
  gateTimeout?: number
  onGateTimeout?: Exclude<OnTimeout, 'wait'>
}

export function gateOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--gate [when]',
        'stop until a person has looked: after each unmet iteration (default), or only where there are flags',
      )
        .choices([...GATE_MODES])
        .preset('each'),
    )
    .option(
      '--gate-timeout <duration>',
      'of a gate that nobody answers, e.g. 30m; default: for ever',
      parseDuration,
    )
    .addOption(
      new Option('--on-gate-timeout <what>', 'what happens then; default: abort').choices([
        'abort',
        'approve',
      ]),
    )
}

/** What is to be different from the run that is started again; undefined: nothing. */
export function gatePolicyOf({ gate, gateTimeout, onGateTimeout }: GateOptions) {
  const mode = gate === false ? ('off' as const) : gate
  if (gateTimeout === undefined && onGateTimeout === undefined) return mode
  const timeout_minutes = gateTimeout === undefined ? undefined : gateTimeout / 60_000
  return { mode, timeout_minutes, on_timeout: onGateTimeout }
}

/** The same for a run that there is not yet: a time alone does not say when it is to stop at all. */
export function newGatePolicyOf(options: GateOptions) {
  const policy = gatePolicyOf(options)
  if (policy === undefined || typeof policy === 'string') return policy
  const { mode, timeout_minutes } = policy
  if (mode === undefined)
    throw usageError('--gate-timeout needs --gate: when the run is to stop at all (each, or flags)')
  if (timeout_minutes === undefined)
    throw usageError('--on-gate-timeout needs --gate-timeout: after how long')
  return { ...policy, mode }
}

const MODES: readonly string[] = GATE_MODES

/** `--gate "Fix the build"`: what follows is a mode only where it is one, so that the goal stays the goal. */
export function withGateMode(argv: string[]): string[] {
  const begin = argv.findIndex(word => word === 'run' || word === 'rerun') // others have a --gate without a mode
  const end = argv.indexOf('--')
  return argv.map((word, i) => {
    const isOption = word === '--gate' && begin >= 0 && i > begin && (end < 0 || i < end)
    return isOption && !MODES.includes(argv[i + 1] ?? '') ? '--gate=each' : word
  })
}
