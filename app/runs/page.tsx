import type { Metadata } from 'next'
import { filterQuery, readFilter } from '#lib/client/run-filter'
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
  const [page, waiting, recent, counts, origin] = await Promise.all([
    runs.list({ ...query, limit: 50 }),
    // Whoever waits for a person is shown, however old.
    filter.status === '' || statuses.includes('waiting')
      ? runs.list({ ...query, status: 'waiting', limit: 200 })
      : { runs: [] },
    runs.list({ limit: 200 }),
    runs.countByStatus(),
    originOfRequest(),
  ])
  const here = new Set(page.runs.map(r => r.run_id))
  return (
    <RunsPage
      page={{
        filter,
        runs: [...page.runs, ...waiting.runs.filter(r => !here.has(r.run_id))],
        counts,
        cursor: page.nextCursor,
      }}
      choices={{
        cwd: distinct(recent.runs.map(r => r.cwd)),
        // A comma separates values in a filter, so texts with one cannot be chosen here; search finds them.
        goal: distinct(recent.runs.map(r => r.goal)).filter(g => !g.includes(',') && g.length <= 60),
        model_name: distinct(recent.runs.map(r => r.model_name)),
      }}
      origin={origin}
      defaultCwd={defaultCwd}
    />
  )
}

const distinct = (values: string[]) => [...new Set(values)].sort()
