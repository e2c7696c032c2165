// Every page in every state, for whoever sees little, moves little or wants less to move. With RETRAI_PICTURES it takes a
// picture of each instead, for docs/.
import { openStage, type Stage } from '#lib/testing/stage'
import { expectFitsEverywhere } from './fits-everywhere.ts'
import { test as base } from './fixtures.ts'
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
