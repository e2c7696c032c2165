// A project's settings for one request: read once, and taken as far as somebody has accepted them.

import { AppError } from '#lib/errors'
import type { GoalRequest } from '#lib/goals/choose-goals'
import { CONFIG_FILE, type ProjectConfig, type ProjectFile, readProjectFile } from '#lib/goals/project-config'
import { trustedSettings } from '#lib/goals/project-trust'
import type { AcceptedConfigs } from '#lib/store/accepted-configs'
import type { Caller } from './types.ts'

export interface TakenSettings {
  file: ProjectFile | null
  settings: ProjectConfig | null
  isAccepted: boolean
  isPending: boolean
  leftOut: string[]
}

interface TakeOptions {
  root: string
  request: GoalRequest & { trust_config?: boolean | string }
  caller: Caller
  accepted: AcceptedConfigs
}

/** Accepts the file when the request says so. Rejects with AppError('invalid') when it means another file than is there. */
export async function takeSettings({ root, request, caller, accepted }: TakeOptions): Promise<TakenSettings> {
  const file = await readProjectFile(root)
  const { trust_config: trust = false } = request
  if (typeof trust === 'string') refuseOther(file, trust)
  if (file && trust !== false) await accepted.accept(file, caller)
  const isAccepted = file !== null && (trust !== false || (await accepted.isAccepted(file)))
  return { file, isAccepted, ...trustedSettings(request, file?.settings ?? null, isAccepted) }
}

/** What was looked at is what is accepted. */
export function refuseOther(
  file: ProjectFile | null,
  sha256: string,
  pointer = '/trust_config',
): asserts file is ProjectFile {
  if (file?.sha256 === sha256) return
  const detail = file
    ? `${CONFIG_FILE} is not the file that was accepted: its SHA-256 is ${file.sha256} now; look at it again`
    : `there is no ${CONFIG_FILE} in the project to accept`
  throw new AppError('invalid', detail, { fields: [{ pointer, detail }] })
}
