// Known holes in what we are built of, as far as the registry can be asked.
import { spawn } from 'node:child_process'
import { z } from 'zod'
import type { Scenario, ScenarioResult } from '../reliability/scenario.ts'

const Report = z.object({
  metadata: z.object({
    vulnerabilities: z.record(z.string(), z.number()),
    dependencies: z.record(z.string(), z.number()),
  }),
})

export const audit: Scenario = {
  name: 'audit',
  promise: 'no dependency has a known hole that is high or critical',
  async run(): Promise<ScenarioResult> {
    const output = await npm(['audit', '--json', '--omit=dev'])
    const report = Report.safeParse(jsonOf(output))
    // A registry without this service is a reason to look elsewhere, not a hole.
    if (!report.success)
      return {
        figures: {
          audit: `not done: the registry gave no answer (${output.slice(0, 120).replace(/\s+/g, ' ')})`,
        },
        broken: [],
      }
    const { vulnerabilities, dependencies } = report.data.metadata
    const bad = (vulnerabilities.high ?? 0) + (vulnerabilities.critical ?? 0)
    return {
      figures: { packages: dependencies.prod ?? 0, ...vulnerabilities },
      broken: bad > 0 ? [`${bad} dependencies have known holes; see npm audit`] : [],
    }
  },
}

function npm(args: string[]): Promise<string> {
  return new Promise(resolve => {
    const child = spawn('npm', args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
    let text = ''
    child.stdout.on('data', chunk => {
      text += chunk
    })
    child.once('error', error => resolve(error.message))
    child.once('close', () => resolve(text))
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
