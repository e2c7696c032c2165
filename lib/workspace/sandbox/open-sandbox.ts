// What commands of this server run in: the sandbox where it works, as the person asked; and how that is said.
import { childEnv } from '../child-env.ts'
import type { Spawner } from '../spawner.ts'
import { type Assertion, probeSandbox } from './probe.ts'
import type { Sandbox } from './sandbox.ts'

export interface OpenSandboxOptions {
  asked: 'auto' | 'require' | 'off'
  spawner: Pick<Spawner, 'run'>
  dataDir: string
  readable: string[]
  env?: Record<string, string | undefined>
}

export interface SandboxState {
  /** `off`: commands run plainly. */
  mode: 'bwrap' | 'off'
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
  const { asked, spawner, dataDir, readable, env = process.env } = options
  if (asked === 'off') return without('it was switched off', [])
  const probed = await probeSandbox({ spawner, dataDir, env: childEnv(env), readable })
  const { sandbox, assertions } = probed
  if (sandbox === null) return without(probed.why, assertions)
  const detail = `bubblewrap ${probed.version}, ${assertions.length} of ${assertions.length} assertions hold`
  const state: SandboxState = { mode: 'bwrap', note: null, detail, isRequired: asked === 'require' }
  return { sandbox, state, why: null, assertions }
}

function without(why: string, assertions: Assertion[]): OpenedSandbox {
  const note = `Commands of runs are not sandboxed: they can do what this user can do (${why})`
  return { sandbox: null, state: { mode: 'off', note, detail: note, isRequired: false }, why, assertions }
}
