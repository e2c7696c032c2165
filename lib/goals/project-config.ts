// The project's own settings, `.retrai.yml`. It comes with the project, so it is read as carefully as any foreign text;
// what a request says goes before it.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { nearest } from '#lib/nearest'
import { StricterPolicy } from '../contract/command-policy.ts'
import { Protect, StartRun, SuccessCondition } from '../contract/runs.ts'
import { AppError, messageOf } from '../errors.ts'

export const CONFIG_FILE = '.retrai.yml'

const fields = StartRun.shape
export const ProjectConfig = z.strictObject({
  goal: fields.goal.optional(),
  goals: fields.goals,
  goal_options: fields.goal_options,
  check_command: fields.check_command,
  check_timeout_seconds: fields.check_timeout_seconds,
  success_condition: SuccessCondition.optional(),
  protect: Protect.optional(),
  confirm: fields.confirm.unwrap().optional(),
  no_progress_iterations: fields.no_progress_iterations.unwrap().optional(),
  max_iterations: fields.max_iterations.unwrap().optional(),
  max_cost_usd: fields.max_cost_usd,
  max_tokens: fields.max_tokens,
  max_minutes: fields.max_minutes,
  model_name: fields.model_name.unwrap().optional(),
  hitl_enabled: fields.hitl_enabled.unwrap().optional(),
  gate_policy: fields.gate_policy,
  instructions: fields.instructions,
  network: fields.network.unwrap().optional(),
  command_policy: StricterPolicy.optional().meta({
    description: 'A project may only make it stricter: ask, deny, and on_ask: deny',
  }),
})
export type ProjectConfig = z.infer<typeof ProjectConfig>

const MAX_BYTES = 128 * 1024

/** null when the project has none. Throws AppError('invalid') with the line when it is wrong. */
export const readProjectConfig = async (root: string): Promise<ProjectConfig | null> =>
  (await readProjectFile(root))?.settings ?? null

/** The settings, with what tells this file from any other. */
export interface ProjectFile {
  path: string
  sha256: string
  text: string
  settings: ProjectConfig
}

/** As `readProjectConfig`; read once, so that the hash is of what is obeyed. */
export async function readProjectFile(root: string): Promise<ProjectFile | null> {
  const content = await readConfigFile(root)
  if (content === null) return null
  const text = content.toString('utf8')
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { path: join(root, CONFIG_FILE), sha256, text, settings: parseProjectConfig(text) }
}

export function parseProjectConfig(text: string): ProjectConfig {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const lineOf = (offset: number | undefined) => (offset === undefined ? null : lines.linePos(offset).line)
  const [wrong] = document.errors
  if (wrong) throw invalid(lineOf(wrong.pos[0]), wrong.message)

  let value: unknown
  try {
    // Nothing here needs aliases, and a few lines of them can stand for billions of nodes.
    value = document.toJS({ maxAliasCount: 0 })
  } catch (error) {
    throw invalid(null, `aliases (*name) are not allowed here (${messageOf(error)})`)
  }
  // A file with nothing but comments.
  if (value === null) return {}
  const parsed = ProjectConfig.safeParse(value)
  if (parsed.success) return parsed.data

  const issue = parsed.error.issues[0]!
  const path = [...issue.path, ...(issue.code === 'unrecognized_keys' ? [issue.keys[0]!] : [])]
  throw invalid(lineOf(offsetOf(document.contents, path)), explain(issue, value))
}

function explain(issue: z.core.$ZodIssue, value: unknown): string {
  const field = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const known = SHAPES[field] ?? ProjectConfig.shape
    const key = issue.keys[0]!
    const meant = nearest(key, Object.keys(known))
    return `${JSON.stringify(key)} is not a setting; ${meant ? `did you mean ${meant}?` : `there are ${Object.keys(known).join(', ')}`}`
  }
  if (field === '') return `it must be a list of settings such as «goal: pytest», not ${nameOf(value)}`
  return `${field}: ${ALLOWED[field] ?? issue.message}`
}

const SHAPES: Record<string, object> = {
  success_condition: SuccessCondition.shape,
  command_policy: StricterPolicy.shape,
}

// Where several kinds of values are allowed, Zod only says that none of them fits.
const ALLOWED: Record<string, string> = {
  protect: 'it must be off, report, enforce or a list of patterns',
  gate_policy: 'it must be each, flags, off, or a mode with timeout_minutes and on_timeout',
  network: 'it must be off, on or a list of hosts',
  'success_condition.exit_code': 'it must be a number from 0 to 255, or any',
}

const nameOf = (value: unknown) => (Array.isArray(value) ? 'a sequence' : `a ${typeof value}`)

/** Where a setting stands in the text, or the nearest thing around it. */
function offsetOf(contents: unknown, path: PropertyKey[]): number | undefined {
  let node = contents
  let offset: number | undefined
  for (const part of path) {
    if (!isMap(node)) break
    const pair = node.items.find(item => isScalar(item.key) && item.key.value === part)
    if (!pair) break
    if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
    node = pair.value
  }
  return offset
}

function invalid(line: number | null, detail: string): AppError {
  const where = line === null ? CONFIG_FILE : `${CONFIG_FILE}, line ${line}`
  return new AppError('invalid', `${where}: ${detail}`, {
    fields: [{ pointer: '/cwd', detail: `${where}: ${detail}` }],
  })
}

async function readConfigFile(root: string): Promise<Buffer | null> {
  let file: FileHandle | undefined
  try {
    // No links, which could lead out of the project, and no waiting for a named pipe.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    file = await open(join(root, CONFIG_FILE), flags)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'ENOENT') return null
    if (code === 'ELOOP' || code === 'EMLINK') throw invalid(null, 'it must be a regular file, not a link')
    throw invalid(null, `it cannot be read (${messageOf(error)})`)
  }
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw invalid(null, 'it must be a regular file')
    if (stats.size > MAX_BYTES) throw invalid(null, `it is larger than ${MAX_BYTES / 1024} KiB`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}
