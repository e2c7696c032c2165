// What commands of this server run in: the sandbox where it works, as the person asked; and how that is said.
import { tmpdir } from 'node:os'
import { childEnv } from '../child-env.ts'
import type { Spawner } from '../spawner.ts'
import type { FindCandidate } from './candidate.ts'
import { type Assertion, probeSandbox } from './probe.ts'
import type { Sandbox } from './sandbox.ts'

export interface OpenSandboxOptions {
  asked: 'auto' | 'require' | 'off'
  spawner: Pick<Spawner, 'run'>
  dataDir: string
  readable: string[]
  env?: Record<string, string | undefined>
  /** Default: this one. */
  platform?: NodeJS.Platform
  /** Default: what the platform has. */
  find?: FindCandidate
}

export interface SandboxState {
  /** `off`: commands run plainly. */
  mode: 'bwrap' | 'seatbelt' | 'off'
  /** For people, where there is something to be warned of; null: there is not. */
  note: string | null
  /** For people, in any case. */
  detail: string
  isRequired: boolean
}

export interface OpenedSandbox {
  sandbox: Sandbox | null
  state: SandboxState
  /** Why there is none; null when there is. */
  why: string | null
  assertions: Assertion[]
}

/** Never rejects; whether a server may go on without, its caller decides. */
export async function openSandbox(options: OpenSandboxOptions): Promise<OpenedSandbox> {
  const { asked, spawner, dataDir, readable, env = process.env, platform = process.platform, find } = options
  if (asked === 'off') return without('it was switched off', [])
  const probed = await probeSandbox({
    ...{ spawner, dataDir, readable, platform },
    env: childEnv(env),
    temporary: tmpdir(),
    ...(find && { find }),
  })
  const { assertions } = probed
  if (probed.sandbox === null) return without(probed.why, assertions)
  const { sandbox, mode, name, note } = probed
  const detail = `${name}, ${assertions.length} of ${assertions.length} assertions hold`
  return { sandbox, state: { mode, note, detail, isRequired: asked === 'require' }, why: null, assertions }
}

function without(why: string, assertions: Assertion[]): OpenedSandbox {
  const note = `Commands of runs are not sandboxed: they can do what this user can do (${why})`
  return { sandbox: null, state: { mode: 'off', note, detail: note, isRequired: false }, why, assertions }
}
