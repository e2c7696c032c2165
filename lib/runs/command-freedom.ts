// What a run's commands may: in the sandbox unless the run says otherwise, without the network unless it says otherwise.
import { AppError } from '#lib/errors'
import type { RunRecord } from '#lib/store/types'
import type { OpenOptions } from '#lib/workspace/workspaces'

export interface SandboxState {
  /** `off`: there is none here. */
  mode: string
  /** No run may do without. */
  isRequired?: boolean
}

export const openOptions = ({ request }: RunRecord): OpenOptions => ({
  network: request.network,
  plain: request.sandbox === 'off',
})

/** What the run's commands run in, by name. */
export const sandboxOf = ({ request }: RunRecord, { mode }: SandboxState): string =>
  request.sandbox === 'off' ? 'off' : mode

/** Throws AppError('invalid') when a run asks for less than the server grants. */
export function refusePlain(asked: 'off' | undefined, { isRequired = false }: SandboxState): void {
  if (asked !== 'off' || !isRequired) return
  const detail = 'this server runs nothing outside its sandbox (--sandbox require); leave sandbox out'
  throw new AppError('invalid', `sandbox: ${detail}`, { fields: [{ pointer: '/sandbox', detail }] })
}
