// What goals need of package.json.
import { z } from 'zod'
import type { Workspace } from '../workspace/workspace.ts'
import type { Scripts } from './probe.ts'
import { readText } from './project-files.ts'

const PackageJson = z.object({
  scripts: z.record(z.string(), z.unknown()).catch({}),
  dependencies: z.record(z.string(), z.unknown()).catch({}),
  devDependencies: z.record(z.string(), z.unknown()).catch({}),
})

export interface Package {
  scripts: Scripts
  dependencies: string[]
}

/** The package; or why there is none, in a sentence that says what to do. */
export async function readPackage(workspace: Workspace): Promise<Package | string> {
  const text = await readText(workspace, 'package.json')
  if (text === null)
    return 'There is no package.json in the project’s folder; give its folder as cwd, or another goal'
  try {
    const { scripts, dependencies, devDependencies } = PackageJson.parse(
      JSON.parse(text.replace(/^\ufeff/, '')),
    )
    return {
      scripts: Object.fromEntries(
        Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      ),
      dependencies: Object.keys({ ...dependencies, ...devDependencies }),
    }
  } catch (error) {
    const detail = error instanceof SyntaxError ? `: ${error.message}` : ''
    return `package.json cannot be read${detail}; repair it`
  }
}
