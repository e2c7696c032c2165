import clsx from 'clsx'
import type { Payload } from '#lib/contract/event'
import { FileName, VisibleText } from '../../../_ui/visible-code.tsx'
import { visible } from '../../../_ui/visible-text.ts'

type Tests = NonNullable<Payload<'goal_check'>['tests']>
type Detail = NonNullable<Tests['details']>[number]

const SETS = [
  { name: 'newly_failing', tone: 'text-err' },
  { name: 'still', tone: 'text-warn' },
  { name: 'fixed', tone: 'text-ok' },
] as const

/** The failing and the fixed by name, with what the tool says of them; what is new comes first. */
export function TestSets({
  tests,
  isBaseline = false,
  counts = true,
}: {
  tests: Tests
  isBaseline?: boolean
  /** false: a green that does not count; what fails no longer may only be gone. */
  counts?: boolean
}) {
  const fresh = new Set(isBaseline ? [] : tests.newly_failing)
  const still = tests.failing.filter(name => !fresh.has(name))
  const sets = { newly_failing: [...fresh], still, fixed: tests.fixed }
  const details = new Map((tests.details ?? []).map(detail => [detail.name, detail]))
  const titles = {
    newly_failing: 'Newly failing',
    still: isBaseline ? 'Failing' : 'Still failing',
    fixed: counts ? 'Fixed' : 'Not failing any more',
  }
  return (
    <div className="grid gap-2.5">
      {SETS.filter(({ name }) => sets[name].length > 0).map(({ name, tone }) => (
        <TestSet
          key={name}
          title={titles[name]}
          tone={name === 'fixed' && !counts ? 'text-muted' : tone}
          names={sets[name]}
          details={details}
        />
      ))}
    </div>
  )
}

const SHOWN = 8

function TestSet({
  title,
  tone,
  names,
  details,
}: {
  title: string
  tone: string
  names: string[]
  details: Map<string, Detail>
}) {
  const list = (some: string[]) =>
    some.map((name, i) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a runner may give two tests one name
      <li key={i} className="min-w-0">
        <Test name={name} detail={details.get(name)} />
      </li>
    ))
  return (
    <section aria-label={title} className="min-w-0">
      <p className={clsx('text-xs font-medium', tone)}>
        {title} {names.length}
      </p>
      <ul className="grid gap-0.5">{list(names.slice(0, SHOWN))}</ul>
      {names.length > SHOWN && (
        <details>
          <summary className="text-xs text-muted coarse:py-3">{names.length - SHOWN} more</summary>
          <ul className="grid gap-0.5">{list(names.slice(SHOWN))}</ul>
        </details>
      )}
    </section>
  )
}

const FIRST_LINES = 4
const MOST_CHARS = 4000

/** A test's name, where it is, and the first lines of what the tool says of it. */
function Test({ name, detail }: { name: string; detail: Detail | undefined }) {
  const place = placeOf(detail)
  const lines = (detail?.message ?? '').slice(0, MOST_CHARS).trim().split('\n')
  return (
    <div className="min-w-0">
      <p className="flex min-w-0 flex-wrap gap-x-2 font-mono text-mono" title={visible(name.slice(0, 500))}>
        <bdi className="min-w-0">
          <VisibleText text={name.slice(0, 500)} />
        </bdi>
        {place !== null && !name.startsWith(place) && <FileName path={place} className="text-muted" />}
      </p>
      {detail?.message && (
        <div className="border-l-2 border-line pl-3">
          <pre className="overflow-x-auto whitespace-pre-wrap text-muted">
            <VisibleText text={lines.slice(0, FIRST_LINES).join('\n')} />
          </pre>
          {lines.length > FIRST_LINES && (
            <details>
              <summary className="text-xs text-muted coarse:py-3">
                {lines.length - FIRST_LINES} more lines
              </summary>
              <pre className="overflow-x-auto whitespace-pre-wrap text-muted">
                <VisibleText text={lines.slice(FIRST_LINES).join('\n')} />
              </pre>
            </details>
          )}
        </div>
      )}
    </div>
  )
}

export const placeOf = (test: { file?: string | null; line?: number | null } | undefined) =>
  test?.file ? `${test.file}${test.line ? `:${test.line}` : ''}` : null
