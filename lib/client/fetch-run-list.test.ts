import { expect, onTestFinished, test, vi } from 'vitest'
import { fetchRunList } from './fetch-run-list.ts'
import { NO_FILTER } from './run-filter.ts'
import { summary } from './run-summary.fixture.ts'

const COUNTS = {
  queued: 0,
  running: 1,
  waiting: 1,
  paused: 0,
  achieved: 7,
  exhausted: 0,
  failed: 0,
  aborted: 0,
}
const newest = summary({ run_id: 'a', status: 'running' })
const waits = summary({ run_id: 'b', status: 'waiting' })

function serve(answer: (url: string) => Response) {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url)
    return answer(url)
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  return asked
}

const choices = { goal: [{ value: 'pytest', count: 9 }], cwd: [], model_name: [] }

const page = (url: string) =>
  url.startsWith('/api/runs/counts')
    ? Response.json({ status: COUNTS, total: 40, ...choices })
    : Response.json(url.includes('status=waiting') ? [waits] : [newest], {
        headers: { link: '</api/runs?cursor=next>; rel="next"' },
      })

test('the page has the newest runs, those that wait however old, and the counts of all', async () => {
  serve(page)
  expect(await fetchRunList(NO_FILTER)).toEqual({
    filter: NO_FILTER,
    runs: [newest, waits],
    counts: COUNTS,
    total: 40,
    choices,
    cursor: 'next',
  })
})

test('a filter for other statuses asks for no waiting runs', async () => {
  const asked = serve(page)
  const filter = { ...NO_FILTER, status: 'failed', q: 'shop', sort: '-cost' as const }
  expect((await fetchRunList(filter)).runs).toEqual([newest])
  expect(asked).toEqual([
    '/api/runs?status=failed&q=shop&sort=-cost&limit=50',
    '/api/runs/counts?status=failed&q=shop',
  ])
})

test('it rejects when the server is gone again', async () => {
  serve(() => {
    throw new TypeError('Failed to fetch')
  })
  await expect(fetchRunList(NO_FILTER)).rejects.toThrow('cannot be reached')
})
