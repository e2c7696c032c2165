// A goal that is one linter or type checker.
import { checkWithLinter } from './check-with-linter.ts'
import { defineGoal, type Goal } from './goal.ts'
import type { Linter } from './linter.ts'

interface Words {
  name: string
  title: string
  description: string
  /** The command as the model is told it, when the user gave none. */
  usual: string
  /** What the model may not do, as the end of «Fix the code: …». */
  forbidden: string
}

export function linterGoal(linter: Linter, { name, title, description, usual, forbidden }: Words): Goal {
  return defineGoal({
    name,
    title,
    description,
    needsCommand: false,
    async protect() {
      return linter.configs
    },
    protectKeys: linter.keys ?? [],
    governs: linter.configs,
    tool: linter.identity,
    silences: linter.silences,
    prompt: ({ checkCommand }) =>
      `The goal: ${linter.name} finds no errors in this project. It is judged by \`${checkCommand ?? usual}\`, which the ` +
      `server itself runs after each of your attempts. Fix the code: ${forbidden}`,
    check: context => checkWithLinter(context, linter),
    async detect(workspace) {
      const why = await linter.configuredBy(workspace)
      return why === null ? null : { why }
    },
  })
}
