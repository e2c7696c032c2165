// What a check is made of besides the project's files, as it was at the start and as it is now. Looked at by a process of
// its own (fingerprint-process.mjs).
import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Goal, GoalOptions } from '../goals/goal.ts'
import { PYTHON_SHADOWS } from '../goals/tool-identities.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { checkPrograms } from './check-programs.ts'

export const MAX_FINGERPRINT_FILES = 200_000
export const MAX_FINGERPRINT_BYTES = 4 * 1024 ** 3

export interface FingerprintOptions {
  goal: Goal
  options: GoalOptions
  workspace: Workspace
  /** Where this run's fingerprint is kept: `<data directory>/fingerprints/<run>`. */
  file: string
  signal: AbortSignal
}

const Finding = z.object({
  kind: z.enum([
    ...([
      'program',
      'setting',
      'tool',
      'shadow',
      'startup',
      'plugin',
      'program_changed',
      'program_added',
    ] as const),
    ...(['changed', 'gone', 'added', 'removed', 'upgrade', 'nested', 'new'] as const),
  ]),
  path: z.string(),
  name: z.string().optional(),
  before: z.string().nullish(),
  now: z.string().nullish(),
})
export type Finding = z.infer<typeof Finding>

const Answer = z.object({
  error: z.string().optional(),
  files: z.number().optional(),
  findings: z.array(Finding).default([]),
  isPartial: z.boolean().default(false),
  isLost: z.boolean().default(false),
})

export interface Differences {
  findings: Finding[]
  /** Why not everything could be compared; null: it was. */
  problem: string | null
  /** What was taken at the start is no longer there, or no longer whole. */
  isLost: boolean
}

/** Takes and stores it; called before the model is, beside the first check. Answers why it could not, or null. */
export async function takeFingerprint(options: FingerprintOptions): Promise<string | null> {
  const { goal, workspace, file } = options
  const { named, usesPython } = await checkPrograms(options.options, workspace)
  const { programs = [], npmPackages = [], pythonModules = [], homeFiles = [] } = goal.tool ?? {}
  const isPython = usesPython || programs.some(name => name.startsWith('python'))
  const cache = join(
    dirname(file),
    `of-${createHash('sha256').update(workspace.root).digest('hex').slice(0, 24)}`,
  )
  const answer = await ask(options, {
    out: file,
    cache,
    programs: [...programs, ...(isPython ? ['python3', 'python'] : [])],
    named,
    npmPackages,
    pythonModules: isPython ? pythonModules : [],
    homeFiles,
    shadows: PYTHON_SHADOWS,
    maxFiles: MAX_FINGERPRINT_FILES,
    maxBytes: MAX_FINGERPRINT_BYTES,
  })
  return answer.error ?? (answer.isPartial ? TOO_LARGE : null)
}

/** What differs from the start. */
export async function compareFingerprint(options: FingerprintOptions): Promise<Differences> {
  const { findings, error, isPartial, isLost } = await ask(options, { base: options.file })
  return { findings, problem: error ?? (isPartial ? TOO_LARGE : null), isLost }
}

/** Once a run is over for good. */
export const forgetFingerprint = (file: string): Promise<void> => rm(file, { force: true })

const TOO_LARGE = 'there are more than 200,000 files or 4 GiB of dependencies'
const TIMEOUT_MS = 180_000

const pathOf = (script: string) => fileURLToPath(new URL(script, import.meta.url))

async function ask(
  { workspace, signal, file }: FingerprintOptions,
  question: Record<string, unknown>,
): Promise<z.infer<typeof Answer>> {
  // It asks interpreters that may be the project's own, so it runs where they can do no harm.
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const result = await workspace.run({
    command: 'exec "$RETRAI_FINGERPRINT_NODE" "$RETRAI_FINGERPRINT_SCRIPT"',
    env: {
      RETRAI_FINGERPRINT: JSON.stringify({ root: workspace.root, ...question }),
      RETRAI_FINGERPRINT_NODE: process.execPath,
      RETRAI_FINGERPRINT_SCRIPT: pathOf('./fingerprint-process.mjs'),
    },
    reads: ['./fingerprint-process.mjs', './fingerprint-compare.mjs'].map(pathOf),
    writes: [folder],
    timeoutMs: TIMEOUT_MS,
    signal,
    keepBytes: 4 * 1024 * 1024,
  })
  const parsed = result.timedOut ? null : parse(result.output)
  const error = 'looking at the dependencies took too long or failed'
  return parsed ?? { error, findings: [], isPartial: false, isLost: false }
}

function parse(output: string): z.infer<typeof Answer> | null {
  try {
    return Answer.parse(JSON.parse(output))
  } catch {
    return null // It was killed, or there is no room.
  }
}
