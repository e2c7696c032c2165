// Known holes in what we are built of, as far as the registry can be asked.
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Scenario, ScenarioResult } from '../reliability/scenario.ts'

const Report = z.object({
  metadata: z.object({
    vulnerabilities: z.record(z.string(), z.number()),
    dependencies: z.record(z.string(), z.number()),
  }),
})

const Sbom = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(z.object({ name: z.string(), version: z.string() })),
})
const SBOM = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev']
const LEAST_PARTS = 50

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ hasInstallScript: z.boolean().optional(), dev: z.boolean().optional() }),
  ),
})
/** They bring one along for cases that are not ours: all of it works with `npm ci --ignore-scripts`. */
const KNOWN_SCRIPTS = ['@prisma/engines', 'esbuild', 'prisma']

async function installScripts(): Promise<string[]> {
  const lock = Lock.parse(JSON.parse(await readFile('package-lock.json', 'utf8')))
  return Object.entries(lock.packages).flatMap(([name, { hasInstallScript, dev }]) =>
    hasInstallScript && !dev ? [name.replace(/^.*node_modules\//, '')] : [],
  )
}

export const audit: Scenario = {
  name: 'audit',
  promise: 'S19: no dependency has a known hole that is high or critical, and all of them can be listed',
  async run(): Promise<ScenarioResult> {
    const parts = Sbom.safeParse(jsonOf(await npm(SBOM)))
    const listed = parts.success ? parts.data.components.length : 0
    const missing = listed < LEAST_PARTS ? [`npm run sbom lists ${listed} parts`] : []
    const scripts = await installScripts()
    const unknown = scripts.filter(name => !KNOWN_SCRIPTS.includes(name))
    const unexpected = unknown.length > 0 ? [`parts with install scripts: ${unknown.join(', ')}`] : []
    const output = await npm(['audit', '--json', '--omit=dev'])
    const report = Report.safeParse(jsonOf(output))
    const figures = {
      'parts in the list (CycloneDX)': listed,
      'with an install script': scripts.join(', ') || 'none',
    }
    // A registry without this service is a reason to look elsewhere, not a hole.
    if (!report.success)
      return {
        figures: {
          ...figures,
          audit: `not done: the registry gave no answer (${output.slice(0, 120).replace(/\s+/g, ' ')})`,
        },
        broken: [...missing, ...unexpected],
      }
    const { vulnerabilities, dependencies } = report.data.metadata
    const bad = (vulnerabilities.high ?? 0) + (vulnerabilities.critical ?? 0)
    return {
      figures: { ...figures, packages: dependencies.prod ?? 0, ...vulnerabilities },
      broken: [
        ...missing,
        ...unexpected,
        ...(bad > 0 ? [`${bad} dependencies have known holes; see npm audit`] : []),
      ],
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
