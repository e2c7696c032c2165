// For tests: small real projects in temporary folders, and real checks of them.
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createSpawner } from '../workspace/spawner.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { createWorkspaces } from '../workspace/workspaces.ts'
import { runCheck } from './check-goal.ts'
import type { CheckResult } from './goal.ts'
import { type ResolveOptions, resolveGoal } from './resolve-goal.ts'

export type Files = Record<string, string>

interface CheckOptions extends ResolveOptions {
  signal?: AbortSignal
  onOutput?(chunk: string): void
}

export interface Projects {
  /** A folder with these files; those that begin with `#!` can be executed. */
  make(files: Files): Promise<Workspace>
  check(project: Files | Workspace, goal: string, options?: CheckOptions): Promise<CheckResult>
  close(): Promise<void>
}

export async function createProjects(): Promise<Projects> {
  const home = await mkdtemp(join(tmpdir(), 'retrai-goals-'))
  const workspaces = createWorkspaces({ dataDir: join(home, 'data'), spawner: createSpawner() })
  let count = 0

  async function make(files: Files): Promise<Workspace> {
    const root = join(home, `project-${++count}`)
    await mkdir(root)
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
      if (text.startsWith('#!')) await chmod(join(root, path), 0o755)
    }
    return workspaces.open(root)
  }

  async function check(project: Files | Workspace, text: string, given: CheckOptions = {}) {
    const { signal = new AbortController().signal, onOutput, ...rest } = given
    const workspace = isWorkspace(project) ? project : await make(project)
    const { goal, options } = resolveGoal(text, rest)
    return runCheck({ goal, options, workspace, signal, ...(onOutput && { onOutput }) })
  }

  async function close() {
    await workspaces.close()
    await rm(home, { recursive: true, force: true })
  }

  return { make, check, close }
}

// Both are objects; only a workspace has a function called run.
const isWorkspace = (project: Files | Workspace): project is Workspace => typeof project.run === 'function'

/** Every file of a project, to see that a check leaves nothing behind. */
export async function filesOf({ root }: Workspace): Promise<string[]> {
  const found = await readdir(root, { recursive: true })
  return found.sort()
}
