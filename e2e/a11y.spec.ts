// Every page in every state, for whoever sees little, moves little or wants less to move. With RETRAI_PICTURES it takes a
// picture of each instead, for docs/.
import { existsSync, readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import type { Stage } from '#lib/testing/stage'
import { expectFitsEverywhere } from './fits-everywhere.ts'
import { test as base, expect } from './fixtures.ts'
import { fillShowroom, openShowroom, type Showroom } from './showroom.ts'
import { EMPTY, STATES } from './states.ts'
import { takePictures } from './take-pictures.ts'

const test = base.extend<object, { stage: Stage; runs: Showroom }>({
  stage: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures a fixture needs
    async ({}, use) => {
      const stage = await openShowroom()
      await use(stage)
      await stage.close()
    },
    { scope: 'worker' },
  ],
  runs: [async ({ stage }, use) => use(await fillShowroom(stage)), { scope: 'worker' }],
})

// Each worker has a showroom of its own.
test.describe.configure({ mode: 'parallel' })

const look = (page: Page, state: string) => {
  const folder = process.env.RETRAI_PICTURES
  return folder ? takePictures(page, state, folder) : expectFitsEverywhere(page, state)
}

const PARTS = {
  'lists and forms': /^(runs|needs|new)/,
  gates: /^gate/,
  'runs at work and their events': /^run-(live|event|all|inspector|iteration|paused|queued|not)/,
  'runs that ended and their tabs': /^run-/,
  'pages beside the runs': /./,
}

let rest = STATES
for (const [part, names] of Object.entries(PARTS)) {
  const states = rest.filter(({ name }) => names.test(name))
  rest = rest.filter(state => !states.includes(state))
  test(`axe finds nothing in any state: both themes, three widths, nothing beside the screen: ${part}`, async ({
    page,
    runs,
    expected,
  }) => {
    test.setTimeout(400_000) // a guard against hanging: it looks at some fifty pages
    expected.push(/404/, /422/) // of the states that are about them
    await page.emulateMedia({ reducedMotion: 'reduce' })
    for (const state of states) {
      await state.show(page, runs)
      await look(page, state.name)
    }
    await page.goto('about:blank') // what it asks for must not meet a server that is gone
  })
}

test('axe finds nothing where there is no run yet', async ({ page }) => {
  const stage = await openShowroom()
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await EMPTY.show(page, stage.server.url)
  await look(page, EMPTY.name)
  await page.goto('about:blank')
  await stage.close()
})

test('every state has its pictures in docs/dashboard.md', async () => {
  const page = readFileSync('docs/dashboard.md', 'utf8')
  const missing = [EMPTY, ...STATES].flatMap(({ name }) =>
    [`${name}-light-1280`, `${name}-dark-1280`, `${name}-light-390`, `${name}-dark-390`].filter(
      picture => !page.includes(`pictures/${picture}.webp`) || !existsSync(`docs/pictures/${picture}.webp`),
    ),
  )
  expect(missing, 'npm run pictures').toEqual([])
})
