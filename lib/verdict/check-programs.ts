// Which programs a check starts, read from its command and from the scripts and recipes behind it.
import { baseName, callsIn, withoutLaunchers } from '../goals/command-line.ts'
import type { GoalOptions } from '../goals/goal.ts'
import { readPackage } from '../goals/package-json.ts'
import { readText } from '../goals/project-files.ts'
import type { Workspace } from '../workspace/workspace.ts'

export interface CheckPrograms {
  /** First words of its calls. */
  named: string[]
  usesPython: boolean
}

const MAKEFILES = ['GNUmakefile', 'makefile', 'Makefile']

export async function checkPrograms(options: GoalOptions, workspace: Workspace): Promise<CheckPrograms> {
  const found = await readPackage(workspace)
  const scripts = typeof found === 'string' ? [] : Object.values(found.scripts)
  const makefiles = await Promise.all(MAKEFILES.map(name => readText(workspace, name)))
  const recipes = makefiles
    .flatMap(text => (text ?? '').split('\n'))
    .filter(line => line.startsWith('\t'))
    .map(line => line.trim().replace(/^[@+-]+/, ''))
  const command = options.checkCommand ?? ''
  const files = callsIn(command)
    .flat()
    .filter(word => /\.(sh|bash)$/.test(word))
  const shell = await Promise.all(files.slice(0, 5).map(file => readText(workspace, file)))
  const texts = [command, ...scripts, ...recipes, ...shell].filter(text => typeof text === 'string')
  const named = new Set<string>()
  for (const call of texts.flatMap(callsIn)) {
    for (const words of [call, withoutLaunchers(call)]) {
      const word = words.find(one => !/^[A-Za-z_]\w*=/.test(one))
      // A file of the project is what is judged, or protected as a file.
      if (word && /^[\w.+-]+$/.test(word)) named.add(baseName(word))
    }
  }
  return {
    named: [...named].slice(0, 60),
    usesPython: texts.some(text =>
      /\b(python[\d.]*|pytest|py\.test|tox|nox|poetry|uv|pipenv|hatch|pdm)\b/.test(text),
    ),
  }
}
