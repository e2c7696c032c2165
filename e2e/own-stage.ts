// For stories that need a server with settings of its own, or one that they may kill.
import { openStage, type Stage } from '#lib/testing/stage'
import { test as base } from './fixtures.ts'

export { expect } from '@playwright/test'

interface Tools {
  /** Closed after the test, once its page has left it. */
  open(env?: Record<string, string>): Promise<Stage>
}

export const test = base.extend<Tools>({
  open: async ({ page }, use) => {
    const stages: Stage[] = []
    await use(async (env = {}) => {
      const stage = await openStage({ env })
      stages.push(stage)
      return stage
    })
    await page.goto('about:blank') // it would go on asking for the server
    for (const stage of stages) await stage.close()
  },
})
