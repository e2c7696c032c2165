// Who comes late, or was away, misses nothing.
import { openFeeder } from '#lib/testing/feeder'
import { openingEvents, type WrittenRuns, writeRuns } from '#lib/testing/long-run'
import { expect, test } from './own-stage.ts'
import { expectWholeHistory } from './places.ts'

test('a page opened in the middle of a run, and cut off for as long again, has every event once and in order', async ({
  page,
  open,
  expected,
}) => {
  expected.push(/ERR_INTERNET_DISCONNECTED/)
  const { env, feed, close } = await openFeeder()
  let runs: WrittenRuns | undefined
  const { server } = await open(env, async dataDir => {
    runs = await writeRuns(dataDir, 10, 1)
  })
  const [runId] = runs!.live
  const burst = async (count: number) =>
    (await feed<{ last_seq: number }>({ do: 'burst', run_id: runId, count })).last_seq
  await feed({ do: 'append', run_id: runId, events: openingEvents(runId!) })
  const before = await burst(3000)

  await page.goto(`${server.url}/runs/${runId}?view=all`)
  const count = page.getByRole('tab', { name: /^Activity/ })
  await expect(count).toContainText(String(before))
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  // Live, one after the other and all at once.
  await burst(2)
  const live = await burst(500)
  await expect(count).toContainText(String(live))

  await page.context().setOffline(true)
  await expect(page.getByText(/^(Reconnecting|Offline)/).first()).toBeVisible()
  await burst(3000)
  const coming = feed({ do: 'stream', run_id: runId, per_second: 400, seconds: 2 })
  await page.context().setOffline(false)
  // What was missed is fetched while more comes.
  await coming
  const last = await burst(2)
  await expect(count).toContainText(String(last))
  await expect(page.getByText(/events? missing/)).toBeHidden()
  await expect(page.locator(`[data-row="${last}"]`)).toBeInViewport()

  await expectWholeHistory(page, last)
  await close()
})
