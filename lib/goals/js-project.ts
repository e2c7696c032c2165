// What speaks for a JavaScript tool in a project.
import type { Workspace } from '../workspace/workspace.ts'
import { readPackage } from './package-json.ts'
import { kindOf, readText } from './project-files.ts'

/** The first of these files that is there. */
export async function firstFile(workspace: Workspace, files: string[]): Promise<string | null> {
  for (const file of files) if ((await kindOf(workspace, file)) === 'file') return file
  return null
}

export const CODE_ENDINGS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs']

/** `vitest.config.ts configures vitest`, `package.json depends on vitest`; null when neither. */
export async function configuredOrNeeded(
  workspace: Workspace,
  {
    name,
    configs,
    packageName = name,
    key,
  }: { name: string; configs: string[]; packageName?: string; key?: string },
): Promise<string | null> {
  const config = await firstFile(workspace, configs)
  if (config !== null) return `${config} configures ${name}`
  if (key !== undefined && (await packageKey(workspace, key))) return `package.json configures ${name}`
  const found = await readPackage(workspace)
  return typeof found !== 'string' && found.dependencies.includes(packageName)
    ? `package.json depends on ${name}`
    : null
}

async function packageKey(workspace: Workspace, key: string): Promise<boolean> {
  const found = parseJsonc((await readText(workspace, 'package.json')) ?? '')
  return typeof found === 'object' && found !== null && key in found
}

/** JSON with comments and commas too many, as tsconfig.json and deno.jsonc are written; undefined when it is none. */
export function parseJsonc(text: string): unknown {
  const plain = text
    .replace(/^\ufeff/, '')
    .replace(
      /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
      (_, string: string | undefined) => string ?? '',
    )
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string: string | undefined) => string ?? '')
  try {
    return JSON.parse(plain)
  } catch {
    return undefined // not for us to repair
  }
}
