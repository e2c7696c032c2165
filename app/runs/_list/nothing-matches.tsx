import { count } from '#lib/client/format'
import { countsQuery, type RunFilter } from '#lib/client/run-filter'
import { ButtonLink } from '../../_ui/button.tsx'
import { Empty } from '../../_ui/panel.tsx'

const NAMES: Record<Exclude<keyof RunFilter, 'sort'>, string> = {
  status: 'status',
  goal: 'goal',
  cwd: 'project',
  model_name: 'model',
  since: 'age',
  q: 'search',
}

/** The filter leaves nothing: which one, and the way out. */
export function NothingMatches({ filter, total }: { filter: RunFilter; total: number }) {
  const said = Object.entries(countsQuery(filter))
  return (
    <Empty
      title="No runs match"
      actions={<ButtonLink href="/runs">Show all {count(total, 'run')}</ButtonLink>}
    >
      {said.map(([name, value]) => (
        <code key={name} className="mx-1 rounded-sm bg-raised px-1.5 py-0.5">
          {NAMES[name as keyof typeof NAMES] /* the filter has no other keys */}: {value}
        </code>
      ))}
    </Empty>
  )
}
