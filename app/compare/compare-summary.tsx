import Link from 'next/link'
import { type ComparedRun, type ComparedTests, compareFacts } from '#lib/client/compare-runs'
import { count, shortId } from '#lib/client/format'
import type { Run } from '#lib/contract/runs'
import { JudgedMark } from '../_ui/judged-mark.tsx'
import { Panel } from '../_ui/panel.tsx'
import { StatusBadge } from '../_ui/status-icon.tsx'
import { visible } from '../_ui/visible-text.ts'
import { ProgressChart } from './progress-chart.tsx'

const MAX_NAMES = 100

export function CompareSummary({
  a,
  b,
  tests,
}: {
  a: ComparedRun
  b: ComparedRun
  tests: ComparedTests | null
}) {
  // What neither of them knows is no difference to look at.
  const facts = compareFacts(a, b).filter(
    fact => fact.name !== 'Result' && (fact.a !== '—' || fact.b !== '—'),
  )
  return (
    <div className="grid items-start gap-4 @4xl:grid-cols-2">
      <Panel title="What they came to">
        <table className="w-full table-fixed border-collapse">
          <caption className="sr-only">Two runs side by side</caption>
          <thead>
            <tr className="border-b text-left text-muted">
              <th scope="col" className="w-[30%] px-3 py-1.5 font-medium">
                <span className="sr-only">What</span>
              </th>
              <th scope="col" className="px-1 py-1.5 font-medium sm:px-2">
                A <RunLink run={a.run} />
              </th>
              <th scope="col" className="px-1 py-1.5 font-medium sm:px-2">
                B <RunLink run={b.run} />
              </th>
              <th scope="col" className="w-[18%] py-1.5 pr-3 text-right font-medium">
                Δ
              </th>
            </tr>
          </thead>
          <tbody>
            <tr className="border-b align-top">
              <th scope="row" className="px-3 py-1.5 text-left font-normal text-muted">
                Result
              </th>
              {[a, b].map(({ run }, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the same run may be compared with itself
                <td key={i} className="px-1 py-1.5 sm:px-2">
                  <StatusBadge status={run.status} />
                  {run.judged && <JudgedMark />}
                </td>
              ))}
              <td />
            </tr>
            {facts.map(fact => (
              <tr key={fact.name} className="border-b last:border-0">
                <th scope="row" className="px-3 py-1.5 text-left font-normal text-muted">
                  {fact.name}
                </th>
                <td className="px-1 py-1.5 sm:px-2">{fact.a}</td>
                <td className="px-1 py-1.5 sm:px-2">{fact.b}</td>
                <td className="py-1.5 pr-3 text-right text-muted">{fact.delta ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
      <div className="grid min-w-0 gap-4">
        <ProgressChart a={a.run.trend} b={b.run.trend} />
        <Panel title="Why they ended">
          <dl className="space-y-2 p-3">
            {[a.run, b.run].map((run, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same run may be compared with itself
              <div key={i} className="flex gap-2">
                <dt className="font-medium">{i === 0 ? 'A' : 'B'}</dt>
                <dd className="min-w-0">{visible(run.reason ?? 'It has not ended.')}</dd>
              </div>
            ))}
          </dl>
        </Panel>
        {tests && <Tests tests={tests} />}
      </div>
    </div>
  )
}

function RunLink({ run }: { run: Run }) {
  return (
    <Link
      href={`/runs/${run.run_id}`}
      prefetch={false}
      className="inline-flex h-6 items-center font-mono text-mono whitespace-nowrap text-accent underline coarse:h-11"
    >
      {shortId(run.run_id)}
    </Link>
  )
}

function Tests({ tests: { lost, gained, onlyInA, onlyInB } }: { tests: ComparedTests }) {
  const same = lost.length === 0 && gained.length === 0
  return (
    <Panel title="Tests at the last check">
      <div className="space-y-3 p-3">
        {same && <p>The tests that both have came out the same.</p>}
        <Names title="Passed in A, not in B" names={lost} />
        <Names title="Passed in B, not in A" names={gained} />
        {(onlyInA > 0 || onlyInB > 0) && (
          <p className="text-muted">
            {count(onlyInA, 'test')} only in A, {count(onlyInB, 'test')} only in B.
          </p>
        )}
      </div>
    </Panel>
  )
}

function Names({ title, names }: { title: string; names: string[] }) {
  if (names.length === 0) return null
  return (
    <div>
      <h3 className="font-medium">
        {title} <span className="font-normal text-muted">{names.length}</span>
      </h3>
      <ul className="mt-1 font-mono text-mono">
        {names.slice(0, MAX_NAMES).map(name => (
          <li key={name}>{visible(name)}</li>
        ))}
        {names.length > MAX_NAMES && <li className="text-muted">and {names.length - MAX_NAMES} more</li>}
      </ul>
    </div>
  )
}
