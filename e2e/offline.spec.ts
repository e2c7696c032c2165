// Nothing the dashboard needs lies elsewhere: with everything but loopback blocked, every page works and asks nobody else.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { bash, repairShell, repairShellAtSecond } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { expect, test } from './fixtures.ts'

const APP = fileURLToPath(new URL('../app', import.meta.url))

/** The address of every page, as its folders say it: `/runs/[runId]`. */
function pagesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.name === 'page.tsx')
    .map(entry => `/${path.relative(APP, entry.parentPath)}`)
}

test('with everything but loopback blocked, every page in every state works and asks nobody else', async ({
  page,
  startRun,
  client,
  expected,
}) => {
  // A run that is not there, and what is asked for while the server cannot be reached.
  expected.push(/answer 404: GET .*\/runs\/00000000/, /status of 404/)
  await page.context().route(
    url => url.hostname !== '127.0.0.1',
    route => route.abort(),
  )
  const asked: string[] = []
  page.on('request', request => asked.push(request.url()))
  page.on('websocket', socket => asked.push(socket.url()))

  const [achieved, other, waiting, running] = await Promise.all([
    startRun(repairShell),
    startRun(repairShell),
    startRun([turn([text('![remote](http://elsewhere.test/a.png)')]), ...repairShellAtSecond], {
      hitl_enabled: true,
    }),
    startRun([turn([text('This takes long.'), bash('echo begun; sleep 600')])]),
  ])
  await client.until(achieved.run_id, 'achieved')
  await client.until(other.run_id, 'achieved')
  const { gate } = await client.until(waiting.run_id, 'waiting')

  const [a, b, w] = [achieved.run_id, other.run_id, waiting.run_id]
  // A page that is added has to be visited here.
  const visits: Record<string, string[]> = {
    '/': ['/'],
    '/runs': ['/runs', '/runs?status=achieved&sort=-cost', '/runs?q=nothing-like-this'],
    '/runs/new': ['/runs/new', `/runs/new?from=${a}`],
    '/needs-you': ['/needs-you'],
    '/compare': ['/compare', `/compare?a=${a}&b=${b}`],
    '/health': ['/health'],
    '/settings': ['/settings'],
    '/docs/api': ['/docs/api'],
    '/runs/[runId]': [
      ...[a, w, running.run_id].map(id => `/runs/${id}`),
      ...['changes', 'checks', 'usage', 'config'].map(tab => `/runs/${a}?tab=${tab}`),
      `/runs/${a}?view=all&ev=3`,
      `/runs/${a}?iter=1&f=works`,
      `/runs/00000000-0000-4000-8000-000000000000`,
    ],
    '/runs/[runId]/gate/[gateId]': [`/runs/${w}/gate/${gate!.gate_id}`],
  }
  expect(pagesOf(APP).filter(name => !(name in visits))).toEqual([])
  for (const [name, urls] of Object.entries(visits)) {
    if (!pagesOf(APP).includes(name)) continue
    for (const url of urls) await visit(page, url)
  }
  // Both themes, a dialog of each kind.
  await page.goto('/runs')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('ControlOrMeta+k')
  await expect(page.getByRole('dialog')).toBeVisible()

  expect(asked.length).toBeGreaterThan(100)
  expect(
    new Set(
      asked
        .map(url => new URL(url))
        .filter(isRemote)
        .map(String),
    ),
  ).toEqual(new Set())
})

const isRemote = ({ protocol, hostname }: URL) =>
  /^(https?|wss?):$/.test(protocol) && hostname !== '127.0.0.1'

async function visit(page: Page, url: string) {
  await page.goto(url)
  await expect(page.locator('#main, main').first()).toBeVisible()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  // Whatever is loaded afterwards (a tab, a diff) is here as well.
  await page.evaluate(() => new Promise(resolve => requestIdleCallback(resolve)))
  const named = await page.evaluate(() =>
    [...document.querySelectorAll('[src], link[href], [poster]')]
      .map(element => element.getAttribute('src') ?? element.getAttribute('href') ?? '')
      .filter(address => /^(https?:)?\/\//.test(address) && !address.startsWith(location.origin)),
  )
  expect(named).toEqual([])
}
