// What speaks for a Python tool in a project.
import type { Workspace } from '../workspace/workspace.ts'
import { kindOf, readText } from './project-files.ts'

/** The first file that configures a tool: one of its own, or a section (`[tool.mypy`) of one that holds others as well. */
export async function pythonConfig(
  workspace: Workspace,
  { files, sections }: { files: string[]; sections: [file: string, section: string][] },
): Promise<string | null> {
  for (const file of files) if ((await kindOf(workspace, file)) === 'file') return file
  for (const [file, section] of sections) {
    const text = (await readText(workspace, file)) ?? ''
    if (text.split('\n').some(line => line.startsWith(section))) return file
  }
  return null
}

/** Tools from outside of the project's environment have to be told where its packages are. */
export async function projectPython(workspace: Workspace): Promise<string | null> {
  for (const folder of ['.venv', 'venv'])
    if (await kindOf(workspace, `${folder}/bin/python`)) return `${folder}/bin/python`
  return null
}
