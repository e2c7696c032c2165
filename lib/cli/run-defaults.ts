// What a person keeps for new runs (`retrai config set`), as far as neither an option nor the project's own settings say it.
import { parse } from 'yaml'
import { detectGoals } from '#lib/contract/goals'
import type { Client } from './client.ts'
import { readSetting, type UserConfig } from './user-config.ts'

/** By the names that requests and .retrai.yml have. */
const FIELDS = {
  model: 'model_name',
  iterations: 'max_iterations',
  cost: 'max_cost_usd',
  time: 'max_minutes',
  tokens: 'max_tokens',
} as const
type Field = (typeof FIELDS)[keyof typeof FIELDS]

/** `given`: what the options say; fields without a value are not said. Asks the server only where something is kept. */
export async function keptFor(
  kept: UserConfig,
  given: Partial<Record<Field, unknown>>,
  { client, cwd }: { client: Client; cwd: string },
): Promise<Partial<Record<Field, string | number>>> {
  const names = (Object.keys(FIELDS) as (keyof typeof FIELDS)[]).filter(
    // exactly the keys above
    name => kept[name] !== undefined && given[FIELDS[name]] === undefined,
  )
  if (names.length === 0) return {}
  const { config } = await client.call(detectGoals, { body: { cwd } })
  const ofProject = config === null ? [] : namesIn(config.text)
  return Object.fromEntries(
    names
      .filter(name => !ofProject.includes(FIELDS[name]))
      .map(name => [FIELDS[name], fieldValue(name, kept[name] ?? '')]),
  )
}

function fieldValue(name: keyof typeof FIELDS, text: string): string | number {
  const value = readSetting(name, text)
  if (name === 'time') return Number(value) / 60_000
  return typeof value === 'number' ? value : text
}

/** A file that is wrong is refused by the server, which says where. */
function namesIn(text: string): string[] {
  try {
    return Object.keys(parse(text, { maxAliasCount: 0 }) ?? {})
  } catch {
    return []
  }
}
