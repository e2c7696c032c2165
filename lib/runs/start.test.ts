// Starting runs while the database is slow: what is said of a run must hold when it is said.
import { setImmediate as tick } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { createJournal } from '#lib/events/journal'
import { createFaultScopes } from '#lib/fault-scopes'
import { createModels } from '#lib/models/registry'
import { createAcceptedConfigs } from '#lib/store/accepted-configs'
import { createDisk } from '#lib/store/disk'
import { tempFolder } from '#lib/testing/temp-folder'
import { openTempStore } from '#lib/testing/temp-store'
import { tools } from '#lib/tools/registry'
import { createSpawner } from '#lib/workspace/spawner'
import { createWorkspaces } from '#lib/workspace/workspaces'
import { createRuns } from './runs.ts'

async function slowRuns(limits: { maxParallel: number; maxWaiting: number }) {
  const store = await openTempStore()
  const slow: typeof store = {
    ...store,
    async createRun(record) {
      for (let count = 0; count < 20; count += 1) await tick()
      await store.createRun(record)
    },
  }
  const dataDir = tempFolder('data')
  const workspaces = createWorkspaces({ dataDir, spawner: createSpawner() })
  const runs = createRuns({
    store: slow,
    journal: createJournal({ store }),
    models: createModels({ anthropic: { apiKey: null, baseUrl: null } }),
    workspaces,
    tools,
    dataDir,
    defaultCwd: tempFolder('project'),
    disk: createDisk({ dataDir }),
    sandbox: { mode: 'off' },
    accepted: createAcceptedConfigs(dataDir),
    commandPolicy: {},
    version: '0.0.0',
    variables: () => [],
    scopes: createFaultScopes(),
    wasClean: true,
    drainMs: 0,
    log: () => {},
    ...limits,
  })
  onTestFinished(async () => {
    await runs.close()
    await workspaces.close()
  })
  // Each holds its slot until it is stopped.
  const request = { goal: 'wait', check_command: 'sleep 1000' }
  return { runs, start: () => runs.start(request, { caller: 'api' }) }
}

it('of many runs started at once, those are called running that have a slot', async () => {
  const { runs, start } = await slowRuns({ maxParallel: 2, maxWaiting: 100 })
  const started = await Promise.all(Array.from({ length: 8 }, start))
  expect(started.filter(({ status }) => status === 'running')).toHaveLength(2)
  expect(await runs.countByStatus()).toMatchObject({ running: 2, queued: 6 })
  expect(runs.queueCounts()).toEqual({ active: 2, waiting: 6 })
})

it('of many runs started at once, no more are taken than may wait, and the others are not stored', async () => {
  const { runs, start } = await slowRuns({ maxParallel: 1, maxWaiting: 3 })
  const started = await Promise.allSettled(Array.from({ length: 8 }, start))
  const refused = started.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(4)
  expect(refused[0]).toMatchObject({ reason: { code: 'queue_full' } })
  expect(await runs.countByStatus()).toMatchObject({ running: 1, queued: 3 })
})
