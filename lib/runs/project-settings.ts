// A project's settings for one request: read once, and taken as far as somebody has accepted them.

import { AppError } from '#lib/errors'
import type { GoalRequest } from '#lib/goals/choose-goals'
import { CONFIG_FILE, type ProjectConfig, type ProjectFile, readProjectFile } from '#lib/goals/project-config'
import { trustedSettings } from '#lib/goals/project-trust'
import type { AcceptedConfigs } from '#lib/store/accepted-configs'
import type { RunRequest, StoredConfig } from '#lib/store/types'
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

/** What a run keeps of them. */
export function storedConfig(taken: TakenSettings, redact: <T>(value: T) => T): StoredConfig | null {
  const { file, isAccepted, isPending, leftOut } = taken
  if (file === null) return null
  return {
    path: file.path,
    sha256: file.sha256,
    isAccepted,
    text: isPending ? redact(file.text) : null,
    leftOut,
  }
}

/** What a run had of them. */
export type SettingsBefore = Pick<RunRequest, 'config' | 'projectPolicy'>

/**
 * For a run that is started again: as it had them, whatever the file says by now, because all else of them is in the request. What
 * waited for a person and was never accepted waits again.
 */
export async function settingsAgain(
  { config, projectPolicy }: SettingsBefore,
  options: TakeOptions,
): Promise<{ settings: ProjectConfig; config: StoredConfig | null }> {
  const { trust_config: trust = false } = options.request
  if (trust !== false) await takeSettings(options)
  const settings = { command_policy: projectPolicy }
  if (config === null) return { settings, config }
  const isAccepted = await options.accepted.isAccepted(config)
  return { settings, config: { ...config, isAccepted, text: isAccepted ? null : config.text } }
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
