// What every story may use: a server per worker with a scripted model, projects, runs, and a page that must stay free of
// errors. Everything is cleaned up by who made it.
import { test as base, type Page } from '@playwright/test'
import type { RunStarted } from '#lib/contract/runs'
import type { Api } from '#lib/testing/api'
import { SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { openStage, type Script, type Stage } from '#lib/testing/stage'

export { expect } from '@playwright/test'

interface Tools {
  client: Api
  /** A project with what the model says in runs on it; its folder. */
  project: Stage['project']
  /** Starts a run on a new project that `sh check.sh` judges. */
  startRun(script: Script, body?: Record<string, unknown>): Promise<RunStarted & { cwd: string }>
  /** What this test expects to go wrong, by the text of the console message or the failed request. */
  expected: RegExp[]
  /** Holds another page, e.g. of a second browser, to the same rules. */
  watch(page: Page): void
}

export const test = base.extend<Tools, { stage: Stage }>({
  stage: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures a fixture needs
    async ({}, use) => {
      const stage = await openStage()
      await use(stage)
      await stage.close()
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ stage }, use) => use(stage.server.url),
  client: async ({ stage }, use) => use(stage.client),
  project: async ({ stage }, use) => use(stage.project),
  startRun: async ({ stage }, use) => {
    const runs: string[] = []
    await use(async (script, body = {}) => {
      const cwd = await stage.project(SHELL_PROJECT, script)
      const started = await stage.client.start({ ...SHELL_GOAL, cwd, ...body })
      runs.push(started.run_id)
      return { ...started, cwd }
    })
    // What a test leaves running would be in the lists of the next.
    for (const runId of runs) await stage.client.request('POST', `/api/runs/${runId}/abort`)
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures a fixture needs
  expected: async ({}, use) => use([]),
  watch: async ({ expected }, use) => {
    const problems: string[] = []
    const note = (problem: string) => {
      if (!expected.some(pattern => pattern.test(problem))) problems.push(problem)
    }
    await use(page => watchPage(page, note))
    if (problems.length > 0) throw new Error(`The page had problems:\n${problems.join('\n')}`)
  },
  page: async ({ page, watch }, use) => {
    watch(page)
    await use(page)
  },
})

/** Errors in the console, uncaught ones, requests that failed, and any request to elsewhere. */
function watchPage(page: Page, note: (problem: string) => void) {
  page.on('console', message => {
    if (message.type() === 'error') note(`console: ${message.text()} (${message.location().url})`)
  })
  page.on('pageerror', error => note(`uncaught: ${error.stack ?? error.message}`))
  page.on('dialog', async dialog => {
    note(`dialog: ${dialog.message()}`)
    await dialog.dismiss()
  })
  page.on('requestfailed', request => {
    const why = request.failure()?.errorText ?? ''
    // A page that is left gives up what it was still loading.
    if (why !== 'net::ERR_ABORTED') note(`request failed: ${request.method()} ${request.url()} ${why}`)
  })
  page.on('response', response => {
    if (response.status() >= 400)
      note(`answer ${response.status()}: ${response.request().method()} ${response.url()}`)
  })
  page.on('request', request => {
    const { protocol, hostname } = new URL(request.url())
    if (/^(https?|wss?):$/.test(protocol) && hostname !== '127.0.0.1') note(`to elsewhere: ${request.url()}`)
  })
}
