// A long history, loaded as readers load it. How fast that is, `npm run bench:ui` says.
import { NEEDLE, type WrittenRuns, writeRuns } from '#lib/testing/long-run'
import { expect, test } from './own-stage.ts'
import { expectWholeHistory } from './places.ts'

const EVENTS = 12_000
/** Rows in sight, some around them, and some to spare: not a hundredth of the history. */
const MOST_ROWS = 100

test('a history of twelve thousand events is gone through from end to end and filtered, with few rows in the document', async ({
  page,
  open,
}) => {
  let runs: WrittenRuns | undefined
  const { server } = await open({}, async dataDir => {
    runs = await writeRuns(dataDir, EVENTS, 0)
  })
  const { long, needleSeq } = runs!
  const rows = page.getByRole('region', { name: 'Events' }).locator('li')
  await page.goto(`${server.url}/runs/${long}?view=all`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(page.locator(`[data-row="${EVENTS}"]`)).toBeInViewport()
  expect(await rows.count()).toBeLessThan(MOST_ROWS)
  await expectWholeHistory(page, EVENTS, MOST_ROWS)

  const filter = page.getByRole('textbox', { name: /^Filter events/ })
  await filter.fill(NEEDLE)
  await expect(rows).toHaveCount(1)
  await expect(page.locator(`[data-row="${needleSeq}"]`)).toBeVisible()
  await filter.fill('status:error')
  await expect(rows.first()).toHaveAttribute('aria-setsize', /^\d{2,4}$/)
  expect(await rows.count()).toBeLessThan(MOST_ROWS)
  await filter.fill('nothing says this')
  await expect(page.getByText('No events match')).toBeVisible()
  await expect(page.getByText(`${EVENTS} events looked at`)).toBeVisible()

  // What is not among the newest events is looked for in those before them.
  await page.goto(`${server.url}/runs/${long}?f=${NEEDLE}`)
  await page.getByRole('button', { name: 'Look in older events' }).click()
  await expect(page.locator(`[data-row="${needleSeq}"]`)).toBeVisible()
})
