// Every page in every state, for whoever sees little, moves little or wants less to move. With RETRAI_PICTURES it takes a
// picture of each instead, for docs/.
import { existsSync, readFileSync } from 'node:fs'
import { openStage, type Stage } from '#lib/testing/stage'
import { expectFitsEverywhere } from './fits-everywhere.ts'
import { test as base, expect } from './fixtures.ts'
import { fillShowroom, SHOWROOM_ENV } from './showroom.ts'
import { EMPTY, STATES } from './states.ts'
import { takePictures } from './take-pictures.ts'

const test = base.extend<object, { stage: Stage }>({
  stage: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures a fixture needs
    async ({}, use) => {
      const stage = await openStage({ env: SHOWROOM_ENV })
      await use(stage)
      await stage.close()
    },
    { scope: 'worker' },
  ],
})

test('axe finds nothing on any page in any state: both themes, three widths, nothing beside the screen', async ({
  page,
  stage,
  expected,
}) => {
  test.setTimeout(900_000) // a guard against hanging: it looks at some two hundred pages
  expected.push(/404/, /422/) // of the states that are about them
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const folder = process.env.RETRAI_PICTURES
  const look = ({ name }: { name: string }) =>
    folder ? takePictures(page, name, folder) : expectFitsEverywhere(page, name)
  await EMPTY.show(page)
  await look(EMPTY)
  const runs = await fillShowroom(stage)
  for (const state of STATES) {
    await state.show(page, runs)
    await look(state)
  }
  await page.goto('about:blank') // what it asks for must not meet a server that is gone
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
