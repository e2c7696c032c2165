import { expect, it } from 'vitest'
import { createJournal } from '#lib/events/journal'
import { logEvent } from '#lib/testing/records'
import { openTempStore } from '#lib/testing/temp-store'
import { foldHistory } from './fold-history.ts'

it('takes every event once, in order, and never holds more than a page of them', async () => {
  const store = await openTempStore()
  const { id: runId } = await store.newRun()
  const events = Array.from({ length: 1000 }, (_, index) => logEvent(String(index)))
  await createJournal({ store }).append(runId, events)

  const pages: number[] = []
  const readEvents: typeof store.readEvents = async (id, filter) => {
    const page = await store.readEvents(id, filter)
    pages.push(page.length)
    return page
  }
  const seqs: number[] = []
  // Another journal, as after a restart: nothing of the run is in its memory.
  const journal = createJournal({ store: { ...store, readEvents } })
  await foldHistory(journal, { runId, lastSeq: 1000 }, ({ seq }) => seqs.push(seq))
  expect(seqs).toEqual(events.map((_, index) => index + 1))
  expect(Math.max(...pages)).toBeLessThanOrEqual(250)
})

it('asks for nothing where nothing is stored', async () => {
  const journal = createJournal({ store: await openTempStore() })
  await foldHistory(journal, { runId: 'none', lastSeq: 0 }, () => expect.fail('there is no event'))
})
