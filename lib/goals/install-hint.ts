// How a missing tool is installed in this very project, by the package manager it uses.
import type { Workspace } from '../workspace/workspace.ts'
import { readPackage } from './package-json.ts'
import { kindOf } from './project-files.ts'

const hasFile = async (workspace: Workspace, ...paths: string[]) => {
  for (const path of paths) if ((await kindOf(workspace, path)) === 'file') return true
  return false
}

/** `vitest is not installed in this project: npm install -D vitest`. */
export async function npmHint(workspace: Workspace, name: string): Promise<string> {
  const [add, install] = await npmCommands(workspace)
  const found = await readPackage(workspace)
  if (typeof found !== 'string' && found.dependencies.includes(name))
    return `${name} is in package.json but not installed: run ${install} in the project`
  return `${name} is not installed in this project: ${add} ${name}`
}

async function npmCommands(workspace: Workspace): Promise<[add: string, install: string]> {
  if (await hasFile(workspace, 'bun.lock', 'bun.lockb')) return ['bun add -d', 'bun install']
  if (await hasFile(workspace, 'pnpm-lock.yaml')) return ['pnpm add -D', 'pnpm install']
  if (await hasFile(workspace, 'yarn.lock')) return ['yarn add -D', 'yarn install']
  return ['npm install -D', 'npm install']
}

/** `mypy is not installed: .venv/bin/pip install mypy`. */
export async function pythonHint(workspace: Workspace, name: string): Promise<string> {
  return `${name} is not installed: ${await pythonCommand(workspace, name)}`
}

async function pythonCommand(workspace: Workspace, name: string): Promise<string> {
  if (await hasFile(workspace, 'uv.lock')) return `uv add --dev ${name}`
  if (await hasFile(workspace, 'poetry.lock')) return `poetry add --group dev ${name}`
  if (await hasFile(workspace, 'Pipfile')) return `pipenv install --dev ${name}`
  for (const folder of ['.venv', 'venv'])
    if ((await kindOf(workspace, `${folder}/bin`)) === 'folder') return `${folder}/bin/pip install ${name}`
  return `python3 -m venv .venv && .venv/bin/pip install ${name} (or for the server’s user)`
}
