// retrai goals, retrai models: what the server knows.
import { listGoals } from '#lib/contract/goals'
import { listModels } from '#lib/contract/models'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { oneLine } from '../harmless.ts'
import type { Session } from '../session.ts'
import { tableLines } from '../table.ts'

export async function goals({ client, output }: Session): Promise<ExitCode> {
  const found = await client.call(listGoals)
  if (output.isJson) output.json(found)
  else {
    const rows = found.map(goal => [goal.name, goal.title, goal.description].map(oneLine))
    print(['GOAL', 'TITLE', 'MEANS'], rows, output)
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

function print(titles: string[], rows: string[][], output: Session['output']): void {
  const columns = titles.map((title, i) => ({ title, flexible: i === titles.length - 1 }))
  const cells = rows.map(row => row.map(text => ({ text })))
  for (const line of tableLines(columns, cells, output.width)) output.data(line)
}
