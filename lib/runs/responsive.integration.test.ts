// The event loop is sacred: while checks run, everybody else is answered at once.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

it('during checks of four seconds GET /healthz and GET /api/runs answer in under 100 ms (p95)', async () => {
  // Three checks at once, one of which floods its output.
  const quiet = 'touch checking; sleep 4; exit 1\n'
  const loud = 'touch checking; yes "a line that nobody needs" | head -c 60000000; sleep 2; exit 1\n'
  const runs: string[] = []
  const folders: string[] = []
  for (const check of [quiet, quiet, loud]) {
    const cwd = await stage.project({ ...SHELL_PROJECT, 'check.sh': check })
    const { run_id } = await stage.client.start({ ...SHELL_GOAL, cwd, max_iterations: 1 })
    runs.push(run_id)
    folders.push(cwd)
  }
  await waitFor('the checks are running', () => folders.every(cwd => existsSync(path.join(cwd, 'checking'))))

  const timings: Record<string, number[]> = { '/healthz': [], '/api/runs': [] }
  const isChecking = async () => (await stage.client.run(runs[0]!)).last_seq < 3
  while (await isChecking()) {
    for (const [url, list] of Object.entries(timings)) {
      const began = performance.now()
      const response = await fetch(stage.server.url + url)
      await response.arrayBuffer()
      list.push(performance.now() - began)
      expect(response.status).toBe(200)
    }
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  for (const [url, list] of Object.entries(timings)) {
    list.sort((a, b) => a - b)
    const p95 = list[Math.floor(list.length * 0.95)]!
    expect(list.length, `${url} was asked often`).toBeGreaterThan(30)
    expect(p95, `p95 of ${url}, of ${list.length}`).toBeLessThan(100)
  }
  for (const runId of runs) await stage.client.request('POST', `/api/runs/${runId}/abort`)
})
