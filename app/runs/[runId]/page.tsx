import type { Metadata } from 'next'
import { cookies } from 'next/headers'
import { notFound } from 'next/navigation'
import { cache } from 'react'
import { goalTitle } from '#lib/client/format'
import { runtime } from '#lib/runtime'
import { originOfRequest } from '../../_ui/origin.ts'
import { PANES_COOKIE, readPanes } from '../../_ui/panes.ts'
import { visible } from '../../_ui/visible-text.ts'
import { readRun } from './read-run.ts'
import { RunPage } from './run-page.tsx'

const read = cache(readRun)

export async function generateMetadata({
  params,
  searchParams,
}: PageProps<'/runs/[runId]'>): Promise<Metadata> {
  const seed = await read((await params).runId, seqOf((await searchParams).ev))
  return { title: seed ? visible(`${goalTitle(seed.run.goal)} · ${seed.run.status}`) : 'Run not found' }
}

export default async function Page({ params, searchParams }: PageProps<'/runs/[runId]'>) {
  const { runId } = await params
  const seed = await read(runId, seqOf((await searchParams).ev))
  if (!seed) notFound()
  const origin = await originOfRequest()
  const panes = readPanes((await cookies()).get(PANES_COOKIE)?.value)
  return (
    <RunPage
      key={runId}
      seed={seed}
      origin={origin}
      sandboxNote={runtime().sandbox.note}
      initialPanes={panes}
    />
  )
}

function seqOf(value: string | string[] | undefined): number | null {
  const seq = Number(value)
  return Number.isInteger(seq) && seq >= 1 ? seq : null
}
