import { expect, test } from 'vitest'
import { type ListPage, neighbourRun } from './neighbour-run.ts'

const pages = (...lists: string[][]) => {
  const asked: (string | null)[] = []
  const pageAt = async (cursor: string | null): Promise<ListPage> => {
    asked.push(cursor)
    const at = Number(cursor ?? 0)
    const runs = (lists[at] ?? []).map(run_id => ({ run_id }))
    return { runs, next: at + 1 < lists.length ? String(at + 1) : null }
  }
  return { asked, pageAt }
}

test('the next run may be on the next page, the one before on the page before', async () => {
  const { pageAt } = pages(['a', 'b'], ['c', 'd'])
  expect(await neighbourRun('b', 1, pageAt)).toBe('c')
  expect(await neighbourRun('c', -1, pageAt)).toBe('b')
  expect(await neighbourRun('a', 1, pageAt)).toBe('b')
})

test('the ends of the list, and a run that is not in it, have no neighbour', async () => {
  const { pageAt } = pages(['a'], ['b'])
  expect(await neighbourRun('a', -1, pageAt)).toBeNull()
  expect(await neighbourRun('b', 1, pageAt)).toBeNull()
  expect(await neighbourRun('x', 1, pageAt)).toBeNull()
  expect(await neighbourRun('x', -1, pageAt)).toBeNull()
})

test('a list without an end is not read to its end', async () => {
  const { pageAt, asked } = pages(...Array.from({ length: 50 }, (_, i) => [`r${i}`]))
  expect(await neighbourRun('r40', 1, pageAt)).toBeNull()
  expect(asked.length).toBe(5)
})
