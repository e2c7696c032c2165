'use client'
import clsx from 'clsx'
import { ArrowLeftRight } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type ComparedRun, unlikeness } from '#lib/client/compare-runs'
import { COMPARE_TABS, type CompareTab, type CompareUrl, compareHref } from '#lib/client/compare-url'
import { goalTitle, shortId } from '#lib/client/format'
import { isFinal } from '#lib/client/status'
import type { RunSummary } from '#lib/contract/runs'
import { ButtonLink } from '../_ui/button.tsx'
import { Main } from '../_ui/main.tsx'
import { Empty, Notice } from '../_ui/panel.tsx'
import { useShortcuts } from '../_ui/shortcuts.tsx'
import { TopBar } from '../_ui/top-bar.tsx'
import { CompareConfig } from './compare-config.tsx'
import { CompareDiff } from './compare-diff.tsx'
import { CompareSummary } from './compare-summary.tsx'
import type { Comparison } from './read-comparison.ts'
import { RunPicker } from './run-picker.tsx'

const WORDS: Record<CompareTab, string> = { summary: 'Summary', diff: 'Diff', config: 'Settings' }

/** Two runs side by side. */
export function ComparePage({
  url,
  recent,
  comparison,
}: {
  url: CompareUrl
  recent: RunSummary[]
  comparison: Comparison
}) {
  const router = useRouter()
  const { a, b, tests } = comparison
  const swapped = compareHref(url.b, url.a, url.tab)
  const isBoth = a !== null && b !== null
  useShortcuts('page', [
    { keys: 's', does: 'Swap the two runs', hint: 'swap', run: () => router.replace(swapped) },
    ...COMPARE_TABS.map((tab, i) => ({
      keys: String(i + 1),
      does: `Show: ${WORDS[tab]}`,
      run: () => router.replace(compareHref(url.a, url.b, tab)),
    })),
  ])
  return (
    <>
      <TopBar crumbs={[{ label: 'Runs', href: '/runs' }, { label: 'Compare' }]}>
        {isBoth && (
          <ButtonLink
            href={swapped}
            replace
            prefetch={false}
            hint="s"
            icon={<ArrowLeftRight aria-hidden className="size-3.5" />}
          >
            Swap
          </ButtonLink>
        )}
      </TopBar>
      <Main>
        <div className="mx-auto max-w-6xl space-y-4 p-3 sm:p-4">
          <RunPicker key={`${url.a} ${url.b}`} url={url} recent={recent} comparison={comparison} />
          {isBoth ? (
            <Both a={a} b={b} tests={tests} url={url} />
          ) : (
            <Empty title={missingWords(url, comparison) ?? 'Choose two runs'}>
              {recent.length < 2
                ? 'There are not two runs on this server yet.'
                : 'Choose them above, or select two in the list of runs and press c.'}
            </Empty>
          )}
        </div>
      </Main>
    </>
  )
}

/** An id that was named and is not known here. */
function missingWords(url: CompareUrl, { a, b }: Comparison): string | null {
  const missing = [...(a ? [] : [url.a]), ...(b ? [] : [url.b])].filter(id => id !== null)
  return missing.length > 0 ? `There is no run ${missing.join(', nor ')}` : null
}

function Both({
  a,
  b,
  tests,
  url,
}: {
  a: ComparedRun
  b: ComparedRun
  tests: Comparison['tests']
  url: CompareUrl
}) {
  const unlike = a.run.run_id === b.run.run_id ? ['this is one run, twice'] : unlikeness(a, b)
  const live = [a.run, b.run].filter(run => !isFinal(run.status))
  return (
    <>
      {unlike.length > 0 && <Notice tone="warn">Not like for like: {unlike.join('; ')}.</Notice>}
      {live.length > 0 && (
        <Notice>
          {live.map(run => `${goalTitle(run.goal)} (${shortId(run.run_id)})`).join(' and ')}{' '}
          {live.length === 1 ? 'has' : 'have'} not ended: this is how far it had come when the page was
          opened. {/* A plain link: the whole page again. */}
          <a className="underline" href={compareHref(url.a, url.b, url.tab)}>
            Look again
          </a>
        </Notice>
      )}
      <nav aria-label="Views of the comparison" className="flex gap-1 border-b">
        {COMPARE_TABS.map(tab => (
          <Link
            key={tab}
            href={compareHref(url.a, url.b, tab)}
            replace
            prefetch={false}
            aria-current={tab === url.tab ? 'page' : undefined}
            className={clsx(
              'relative flex h-9 items-center rounded-sm px-2 coarse:h-11',
              tab === url.tab
                ? 'font-medium text-text after:absolute after:inset-x-1 after:bottom-0 after:h-0.5 after:rounded-full after:bg-accent'
                : 'text-muted hover:text-text',
            )}
          >
            {WORDS[tab]}
          </Link>
        ))}
      </nav>
      {url.tab === 'summary' && <CompareSummary a={a} b={b} tests={tests} />}
      {url.tab === 'diff' && <CompareDiff a={a.run} b={b.run} />}
      {url.tab === 'config' && <CompareConfig a={a.run} b={b.run} />}
    </>
  )
}
