// Settings that came with a project say what is run: nothing of them may run before a person or a request has accepted them, whatever
// is asked of the server meanwhile, and over its death. Each shape writes a file outside the project when it runs.
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openStage } from '#lib/testing/stage'
import type { Scenario } from '../reliability/scenario.ts'

interface Shape {
  name: string
  settings(marker: string): string
  /** What is asked of the server; default: a run that leaves it to the project. */
  request?: Record<string, unknown>
}

const SHAPES: Shape[] = [
  { name: 'a command', settings: marker => `goal: Be there\ncheck_command: "touch ${marker}"\n` },
  { name: 'a command alone', settings: marker => `check_command: touch ${marker}\n` },
  {
    name: 'several goals',
    settings: marker =>
      `goals:\n  - goal: a\n    check_command: "true"\n  - goal: b\n    check_command: touch ${marker}\n`,
  },
  {
    name: 'a registered goal with a command of its own',
    settings: marker => `goal: shell-goal\ncheck_command: 'touch ${marker}'\n`,
  },
  {
    name: 'settings of a goal',
    settings: marker =>
      `goal: api-test\ngoal_options:\n  start: touch ${marker}; sleep 5\n  requests:\n    - path: /\n`,
  },
  {
    name: 'a command for words of the request',
    settings: marker => `check_command: touch ${marker}\n`,
    request: { goal: 'Make it nice and quick, please' },
  },
]

export const projectSettings: Scenario = {
  name: 'project-settings',
  promise: 'nothing of a .retrai.yml that nobody has accepted is run, over restarts and changes of the file',
  async run({ scale, log }) {
    const outside = await mkdtemp(path.join(tmpdir(), 'retrai-markers-'))
    // Plainly: in the sandbox the marker could not be written anyway.
    const stage = await openStage({ env: { RETRAI_SANDBOX: 'off' } })
    const broken: string[] = []
    let executed = 0
    let gates = 0
    try {
      const shapes = scale === 'quick' ? [SHAPES[0]!, SHAPES[2]!, SHAPES[5]!] : SHAPES
      const waiting: { shape: Shape; marker: string; cwd: string; runId: string }[] = []
      for (const [at, shape] of shapes.entries()) {
        const marker = path.join(outside, `marker-${at}`)
        const cwd = await stage.project({ '.retrai.yml': shape.settings(marker) })
        const body = { goal: '', max_iterations: 1, ...shape.request, cwd }
        const checked = await stage.client.request('POST', '/api/goals/check', {
          body: { cwd, goal: body.goal },
        })
        if (checked.status !== 409)
          broken.push(`${shape.name}: its check by hand is answered with ${checked.status}`)
        await stage.client.request('POST', '/api/goals/detect', { body: { cwd } })
        const { run_id: runId } = await stage.client.start(body)
        await stage.client.until(runId, 'waiting')
        await stage.client.request('GET', `/api/runs/${runId}/diff`)
        waiting.push({ shape, marker, cwd, runId })
      }
      const count = () => waiting.filter(({ marker }) => existsSync(marker)).length
      executed += count()
      await stage.restart('kill9')
      for (const { runId, shape, marker } of waiting) {
        await stage.client.until(runId, 'waiting')
        const gate = (await stage.client.gates()).find(one => one.run_id === runId)
        if (gate?.kind !== 'config' || !gate.config?.text.includes(marker))
          broken.push(`${shape.name}: its gate does not show what would be run`)
        else gates += 1
      }
      executed += count()
      log(`${waiting.length} runs wait`)

      // What was accepted is what was shown; what has taken its place is asked about anew.
      const [first, ...others] = waiting
      const swapped = path.join(outside, 'swapped')
      await writeFile(
        path.join(first!.cwd, '.retrai.yml'),
        `goal: Be there\ncheck_command: touch ${swapped}\n`,
      )
      await stage.client.resume(first!.runId, { decision: 'approve' })
      await stage.client.until(first!.runId, 'achieved', 'exhausted')
      if (!existsSync(first!.marker))
        broken.push('the accepted settings were not obeyed: the test tests nothing')
      const changed = await stage.client.start({ goal: '', cwd: first!.cwd })
      await stage.client.until(changed.run_id, 'waiting')
      await stage.client.resume(changed.run_id, { decision: 'abort' })
      if (existsSync(swapped)) broken.push('settings that took the place of accepted ones were obeyed')
      for (const { runId } of others) await stage.client.resume(runId, { decision: 'abort' })
      executed += others.filter(({ marker }) => existsSync(marker)).length
      if (executed > 0) broken.push(`${executed} commands ran before anybody had accepted them`)

      // A request that says itself what is to be done needs nobody's acceptance, and takes no command from the file.
      const own = path.join(outside, 'own')
      const cwd = await stage.project({ '.retrai.yml': `check_command: touch ${own}\n` })
      const done = await stage.client.finish({ goal: 'Be there', check_command: 'true', cwd })
      if (done.status !== 'achieved' || existsSync(own))
        broken.push('a request with its own goal is not independent of the file')
      const trusted = await stage.client.finish({ goal: '', cwd, trust_config: true })
      if (trusted.status !== 'achieved' || !existsSync(own))
        broken.push('a request could not accept the settings')
      return {
        figures: {
          'shapes of settings': shapes.length,
          'gates that show what would run': gates,
          'commands run before acceptance': executed,
        },
        broken,
      }
    } finally {
      await stage.close()
      await rm(outside, { recursive: true, force: true })
    }
  },
}
