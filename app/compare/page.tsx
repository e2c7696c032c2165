import type { Metadata } from 'next'
import { readCompare } from '#lib/client/compare-url'
import { runtime } from '#lib/runtime'
import { ComparePage } from './compare-page.tsx'
import { readComparison } from './read-comparison.ts'

export const metadata: Metadata = { title: 'Compare' }

type Search = Record<string, string | string[] | undefined>

export default async function Page({ searchParams }: { searchParams: Promise<Search> }) {
  const url = readCompare(await searchParams)
  const [{ runs: recent }, comparison] = await Promise.all([
    runtime().runs.list({ limit: 100 }),
    readComparison(url),
  ])
  return <ComparePage url={url} recent={recent} comparison={comparison} />
}
