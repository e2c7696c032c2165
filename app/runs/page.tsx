import type { Metadata } from 'next'
import { cookies } from 'next/headers'
import { pageCounts } from '#lib/client/fetch-run-list'
import { COLUMNS_COOKIE, readColumns } from '#lib/client/run-columns'
import { countsQuery, filterQuery, readFilter } from '#lib/client/run-filter'
import { runtime } from '#lib/runtime'
import { originOfRequest } from '../_ui/origin.ts'
import { RunsPage } from './_list/runs-page.tsx'

export const metadata: Metadata = { title: 'Runs' }

type Search = Record<string, string | string[] | undefined>

export default async function Page({ searchParams }: { searchParams: Promise<Search> }) {
  const filter = readFilter(await searchParams)
  const { runs, defaultCwd } = runtime()
  const query = filterQuery(filter)
  const statuses = filter.status.split(',')
  const [page, waiting, counts, origin, kept] = await Promise.all([
    runs.list({ ...query, limit: 50 }),
    // Whoever waits for a person is shown, however old.
    filter.status === '' || statuses.includes('waiting')
      ? runs.list({ ...query, status: 'waiting', limit: 200 })
      : { runs: [] },
    runs.count(countsQuery(filter)),
    originOfRequest(),
    cookies(),
  ])
  const here = new Set(page.runs.map(r => r.run_id))
  return (
    <RunsPage
      page={{
        filter,
        runs: [...page.runs, ...waiting.runs.filter(r => !here.has(r.run_id))],
        ...pageCounts(counts),
        cursor: page.nextCursor,
      }}
      initialColumns={readColumns(kept.get(COLUMNS_COOKIE)?.value)}
      origin={origin}
      defaultCwd={defaultCwd}
    />
  )
}
