// retrai goals, retrai models: what the server knows.
import { z } from 'zod'
import { type GoalInfo, listGoals } from '#lib/contract/goals'
import { listModels } from '#lib/contract/models'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { oneLine } from '../harmless.ts'
import type { Session } from '../session.ts'
import { tableLines } from '../table.ts'

export async function goals({ client, output }: Session): Promise<ExitCode> {
  const found = await client.call(listGoals)
  if (output.isJson) output.json(found)
  else {
    const rows = found.map(goal => {
      const means = goal.judged ? `${goal.description} (judged)` : goal.description
      return [goal.name, goal.title, means, optionsOf(goal)].map(oneLine)
    })
    print(['GOAL', 'TITLE', 'MEANS', 'OPTIONS'], rows, output)
  }
  return EXIT.achieved
}

export async function models({ client, output }: Session): Promise<ExitCode> {
  const found = await client.call(listModels)
  if (output.isJson) output.json(found)
  else {
    const rows = found.map(model => [
      oneLine(model.name),
      model.scripted
        ? 'scripted'
        : model.price
          ? `$${model.price.input} in, $${model.price.output} out per million`
          : 'price not known',
      model.available ? 'available' : oneLine(model.why_not ?? 'not available'),
    ])
    print(['MODEL', 'PRICE', 'AVAILABLE'], rows, output)
  }
  return EXIT.achieved
}

/** Their names only, with a star at those that must be given; `--json` tells what each means. */
function optionsOf({ needs_command, options }: GoalInfo): string {
  const { properties, required } = Options.parse(options ?? {})
  const names = Object.keys(properties).map(name => (required.includes(name) ? `${name}*` : name))
  return [...(needs_command ? ['check_command*'] : []), ...names].join(' ')
}

// What is needed of a JSON Schema.
const Options = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
})

function print(titles: string[], rows: string[][], output: Session['output']): void {
  const columns = titles.map((title, i) => ({ title, flexible: i >= 2 }))
  const cells = rows.map(row => row.map(text => ({ text })))
  for (const line of tableLines(columns, cells, output.width)) output.data(line)
}
