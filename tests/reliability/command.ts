// What `npm run test:chaos` and `npm run test:security` have in common: runs scenarios against the built server and says which
// promises held.
import { writeFileSync } from 'node:fs'
import { inspect, parseArgs } from 'node:util'
import type { Scenario, ScenarioResult } from './scenario.ts'

interface Settings {
  seed: number
  kills: number
  scale: 'quick' | 'full'
  only: Scenario[]
  json: string | null
}

interface Outcome extends ScenarioResult {
  name: string
  promise: string
  seconds: number
}

/** Ends the process. */
export async function runScenarios(scenarios: Scenario[], command: string): Promise<void> {
  try {
    await main(scenarios, command)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 2
  }
}

async function main(scenarios: Scenario[], command: string) {
  const settings = readSettings(scenarios)
  if (settings === null) return
  console.log(`seed ${settings.seed}; the same one again: npm run ${command} -- --seed ${settings.seed}`)
  const outcomes: Outcome[] = []
  for (const scenario of settings.only) outcomes.push(await play(scenario, settings))
  if (settings.json) writeFileSync(settings.json, JSON.stringify({ seed: settings.seed, outcomes }, null, 2))
  for (const outcome of outcomes) console.log(`\n${tell(outcome)}`)
  const broken = outcomes.filter(outcome => outcome.broken.length > 0)
  const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0)
  const names = broken.length > 0 ? `: ${broken.map(({ name }) => name).join(', ')}` : ''
  console.log(
    `\n${outcomes.length - broken.length} held, ${broken.length} broken${names} (seed ${settings.seed}, ${seconds.toFixed(0)} s)`,
  )
  // Sockets of a scenario that broke may still be open.
  process.exit(broken.length > 0 ? 1 : 0)
}

async function play(scenario: Scenario, settings: Settings): Promise<Outcome> {
  const { name, promise } = scenario
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  const log = (line: string) => console.log(`  ${seconds().toFixed(0).padStart(4)} s  ${line}`)
  console.log(`\n── ${name}: ${promise}`)
  try {
    const result = await scenario.run({ ...settings, log })
    return { ...result, name, promise, seconds: seconds() }
  } catch (error) {
    const why = inspect(error) // with its cause: «fetch failed» alone says nothing
    return { figures: {}, broken: [`the scenario failed: ${why}`], name, promise, seconds: seconds() }
  }
}

function tell({ name, promise, figures, broken, seconds }: Outcome): string {
  const width = Math.max(0, ...Object.keys(figures).map(({ length }) => length))
  const verdict = broken.length === 0 ? 'held' : 'BROKEN'
  return [
    `${name} · ${verdict} · ${seconds.toFixed(0)} s`,
    `  ${promise}`,
    ...Object.entries(figures).map(([key, value]) => `    ${key.padEnd(width)}  ${value}`),
    ...broken.map(line => `  ✗ ${line}`),
  ].join('\n')
}

/** null: there is nothing to run. */
function readSettings(scenarios: Scenario[]): Settings | null {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      kills: { type: 'string', default: '200' },
      scale: { type: 'string', default: 'full' },
      only: { type: 'string' },
      json: { type: 'string' },
      list: { type: 'boolean', default: false },
    },
  })
  if (values.list) {
    const width = Math.max(...scenarios.map(({ name }) => name.length))
    for (const { name, promise } of scenarios) console.log(`${name.padEnd(width)}  ${promise}`)
    return null
  }
  const { scale } = values
  if (scale !== 'quick' && scale !== 'full') throw new Error('--scale is quick or full')
  return {
    seed:
      values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : wholeNumber('seed', values.seed),
    kills: wholeNumber('kills', values.kills),
    scale,
    only: chosen(scenarios, values.only),
    json: values.json ?? null,
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} is a whole number`)
  return Number(text)
}

function chosen(scenarios: Scenario[], only: string | undefined): Scenario[] {
  if (only === undefined) return scenarios
  return only.split(',').map(name => {
    const found = scenarios.find(scenario => scenario.name === name)
    if (!found)
      throw new Error(`There is no scenario ${name}; there are ${scenarios.map(one => one.name).join(', ')}`)
    return found
  })
}
