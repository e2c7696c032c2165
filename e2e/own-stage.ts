// For stories that need a server with settings of its own, with a past, or one that they may kill.
import { rm } from 'node:fs/promises'
import { temporaryDirectory } from '#lib/testing/server'
import { openStage, type Stage } from '#lib/testing/stage'
import { test as base } from './fixtures.ts'

export { expect } from '@playwright/test'

interface Tools {
  /** Closed after the test, once its page has left it. `prepare` writes what the server finds when it starts. */
  open(env?: Record<string, string>, prepare?: (dataDir: string) => Promise<void>): Promise<Stage>
}

export const test = base.extend<Tools>({
  open: async ({ page }, use) => {
    const stages: Stage[] = []
    const folders: string[] = []
    await use(async (env = {}, prepare) => {
      const dataDir = prepare && (await temporaryDirectory('retrai-data-'))
      if (dataDir) {
        folders.push(dataDir)
        await prepare(dataDir)
      }
      const stage = await openStage({ env, dataDir })
      stages.push(stage)
      return stage
    })
    await page.goto('about:blank') // it would go on asking for the server
    for (const stage of stages) await stage.close()
    for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  },
})
