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
import { readProjectConfig } from '#lib/goals/project-config'
import { resolveGoals } from '#lib/goals/resolve-goal'
import { partOf } from '#lib/verdict/part'
import { cutForModel } from '#lib/workspace/cut-output'
import type { Workspaces } from '#lib/workspace/workspaces'
import { decideNetwork } from './decide-network.ts'
import { sayingNetwork } from './saying-network.ts'
import type { GoalService } from './types.ts'

const OUTPUT_SHOWN = 60_000
/** Checks asked for by people at one time; each may run a whole test suite. */
const MAX_AT_ONCE = 2

export interface GoalServiceOptions {
  goals: readonly Goal[]
  workspaces: Pick<Workspaces, 'open'>
  defaultCwd: string
  /** The most that runs may have of it, where the server's person said so. */
  network?: Network | null
}

export function createGoalService({
  goals,
  workspaces,
  defaultCwd,
  network: server = null,
}: GoalServiceOptions): GoalService {
  let running = 0
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
      const [git, candidates] = await Promise.all([isInRepository(workspace.root), detectGoals(workspace)])
      return { cwd: workspace.root, git, candidates }
    },
    async check(request, signal) {
      const folder = await workspaces.open(request.cwd ?? defaultCwd)
      const project = await readProjectConfig(folder.root)
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
