// Goals without a run: which there are, which fit a directory, and the check once.
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Network } from '#lib/contract/network'
import { AppError } from '#lib/errors'
import { runCheck } from '#lib/goals/check-goal'
import { chooseGoals } from '#lib/goals/choose-goals'
import { compareTests } from '#lib/goals/compare-tests'
import { detectGoals } from '#lib/goals/detect-goals'
import type { Goal } from '#lib/goals/goal'
import { CONFIG_FILE, readProjectFile } from '#lib/goals/project-config'
import { isDecidedBy, trustedSettings } from '#lib/goals/project-trust'
import { resolveGoals } from '#lib/goals/resolve-goal'
import type { AcceptedConfigs } from '#lib/store/accepted-configs'
import { partOf } from '#lib/verdict/part'
import { cutForModel } from '#lib/workspace/cut-output'
import type { Workspaces } from '#lib/workspace/workspaces'
import { decideNetwork } from './decide-network.ts'
import { refuseOther, takeSettings } from './project-settings.ts'
import { sayingNetwork } from './saying-network.ts'
import type { GoalService } from './types.ts'

const OUTPUT_SHOWN = 60_000
/** Checks asked for by people at one time; each may run a whole test suite. */
const MAX_AT_ONCE = 2

export interface GoalServiceOptions {
  goals: readonly Goal[]
  workspaces: Pick<Workspaces, 'open'>
  defaultCwd: string
  accepted: AcceptedConfigs
  /** The most that runs may have of it, where the server's person said so. */
  network?: Network | null
}

export function createGoalService({
  goals,
  workspaces,
  defaultCwd,
  accepted,
  network: server = null,
}: GoalServiceOptions): GoalService {
  let running = 0
  async function settingsIn(root: string) {
    const file = await readProjectFile(root)
    if (!file) return null
    const { path, sha256, text, settings } = file
    // To be accepted at all: not where it only limits.
    const { isPending } = trustedSettings({}, settings, false)
    const decides = isPending && isDecidedBy(settings, {})
    return { path, sha256, text, decides, accepted: await accepted.isAccepted(file) }
  }
  return {
    list: () =>
      goals.map(goal => ({
        name: goal.name,
        title: goal.title,
        description: goal.description,
        needs_command: goal.needsCommand,
        judged: goal.isJudged ?? false,
        options: goal.settings
          ? z.toJSONSchema(goal.settings, { io: 'input', unrepresentable: 'any' })
          : null,
      })),
    async detect(cwd) {
      const workspace = await workspaces.open(cwd ?? defaultCwd)
      const [git, candidates, config] = await Promise.all([
        isInRepository(workspace.root),
        detectGoals(workspace),
        settingsIn(workspace.root),
      ])
      return { cwd: workspace.root, git, candidates, config }
    },
    async acceptConfig({ cwd, sha256 }, caller) {
      const { root } = await workspaces.open(cwd ?? defaultCwd)
      const file = await readProjectFile(root)
      refuseOther(file, sha256, '/sha256')
      await accepted.accept(file, caller)
      return (await settingsIn(root))!
    },
    async check(request, caller, signal) {
      const folder = await workspaces.open(request.cwd ?? defaultCwd)
      const taken = await takeSettings({ root: folder.root, request, caller, accepted })
      if (taken.isPending && taken.file) throw notAccepted(taken.file.sha256)
      const project = taken.settings
      const asked = { request: request.network, project: project?.network, server }
      const { network } = decideNetwork(asked)
      const workspace = await workspaces.open(folder.root, { network })
      const { goals: parts } = await chooseGoals(request, project, workspace)
      const { goal, options } = resolveGoals(parts, {
        timeoutSeconds: request.check_timeout_seconds ?? project?.check_timeout_seconds ?? null,
      })
      if (running >= MAX_AT_ONCE) {
        throw new AppError('queue_full', `${running} checks are running already; wait for one to end`, {
          headers: { 'Retry-After': '5' },
        })
      }
      running += 1
      try {
        const result = await runCheck({ goal, options, workspace, signal })
        return {
          achieved: result.achieved,
          broken: result.broken,
          reason: sayingNetwork(result).reason,
          command: result.command,
          exit_code: result.exitCode,
          duration_ms: Math.round(result.durationMs),
          output: cutForModel(result.output, OUTPUT_SHOWN).text,
          tests: compareTests(null, result.tests),
          ...(result.measurement && { measurement: result.measurement }),
          ...(result.parts && { goals: result.parts.map(partOf) }),
        }
      } finally {
        running -= 1
      }
    },
  }
}

const notAccepted = (sha256: string) => {
  const detail = `Nobody has accepted the ${CONFIG_FILE} of this project, which says what is to be run. Look at it, then accept it with "trust_config": "${sha256}" (retrai check --trust-config)`
  return new AppError('config_not_accepted', detail, { fields: [{ pointer: '/trust_config', detail }] })
}

/** Looked at, not asked of git: nothing was started yet, and a repository can tell git to run programs. */
async function isInRepository(root: string): Promise<boolean> {
  for (let folder = root; ; folder = dirname(folder)) {
    const isThere = await stat(join(folder, '.git')).then(
      () => true,
      () => false,
    )
    if (isThere) return true
    if (folder === dirname(folder)) return false
  }
}
