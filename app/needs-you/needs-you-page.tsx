'use client'
import Link from 'next/link'
import { clock, cost, goalTitle, projectName, shortId } from '#lib/client/format'
import type { RunSummary } from '#lib/contract/runs'
import { useNow } from '../_hooks/use-now.ts'
import { Ago } from '../_ui/ago.tsx'
import { ButtonLink } from '../_ui/button.tsx'
import { useActiveRuns } from '../_ui/live-provider.tsx'
import { Main } from '../_ui/main.tsx'
import { Empty } from '../_ui/panel.tsx'
import { Sparkline } from '../_ui/sparkline.tsx'
import { StatusIcon } from '../_ui/status-icon.tsx'
import { TopBar } from '../_ui/top-bar.tsx'
import { visible } from '../_ui/visible-text.ts'

/** Every run that waits for a person, the longest wait first. */
export function NeedsYouPage() {
  const waiting = useActiveRuns()
    .filter(r => r.status === 'waiting')
    .sort((a, b) => (a.gate?.opened_at ?? '').localeCompare(b.gate?.opened_at ?? ''))
  return (
    <>
      <TopBar crumbs={[{ label: 'Needs you' }]} />
      <Main>
        {waiting.length === 0 ? (
          <Empty title="Nothing needs you" actions={<ButtonLink href="/runs">All runs</ButtonLink>}>
            A run waits here for your decision: at its gate after an iteration, or before a command or
            settings that need it.
          </Empty>
        ) : (
          <ul className="mx-auto max-w-4xl space-y-3 p-3 sm:p-4">
            {waiting.map(run => (
              <Waiting key={run.run_id} run={run} />
            ))}
          </ul>
        )}
      </Main>
    </>
  )
}

function Waiting({ run }: { run: RunSummary }) {
  const before = run.trend.at(-2)
  return (
    <li className="relative rounded-lg border border-gate/50 p-3 hover:bg-panel">
      <div className="flex items-start gap-3">
        <StatusIcon status="waiting" className="mt-0.75" />
        <div className="min-w-0 flex-1">
          <div className="flex flex-wrap items-baseline gap-x-2">
            <Link
              href={`/runs/${run.run_id}`}
              prefetch={false}
              className="truncate font-medium outline-offset-4 after:absolute after:inset-0"
            >
              {visible(goalTitle(run.goal))}
            </Link>
            <span className="text-muted" title={visible(run.cwd)}>
              {visible(projectName(run.cwd))}
            </span>
            <span className="font-mono text-mono text-muted">{shortId(run.run_id)}</span>
          </div>
          <p className="mt-0.5 line-clamp-4 wrap-anywhere">
            {visible(run.gate?.summary ?? run.reason ?? '')}
          </p>
          <div className="mt-1.5 flex flex-wrap items-center gap-x-4 gap-y-1 text-muted">
            <span>
              iteration {run.iteration}/{run.max_iterations}
            </span>
            {run.failing !== null && (
              <span className="flex items-center gap-1.5">
                failing {before !== undefined && `${before} → `}
                {run.failing} <Sparkline values={run.trend} isMet={false} height={12} />
              </span>
            )}
            {run.insertions !== null && (
              <span>
                <span className="text-ok">+{run.insertions}</span>{' '}
                <span className="text-err">−{run.deletions ?? 0}</span>
              </span>
            )}
            <span>{cost(run.estimated_cost_usd)}</span>
            {run.gate && (
              <span>
                waiting <Ago at={run.gate.opened_at} />
              </span>
            )}
            {run.gate?.expires_at && <Until at={run.gate.expires_at} />}
          </div>
        </div>
        <span
          aria-hidden
          className="hidden h-7 items-center rounded-md border border-control px-2.5 font-medium sm:inline-flex"
        >
          Review
        </span>
      </div>
    </li>
  )
}

/** Nobody has to answer this one: its time is over by then. */
function Until({ at }: { at: string }) {
  const now = useNow(1000)
  return (
    <span className="text-warn" suppressHydrationWarning>
      decided by itself in <span className="font-mono">{clock(Date.parse(at) - now)}</span>
    </span>
  )
}
