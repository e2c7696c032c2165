import clsx from 'clsx'
import Link from 'next/link'
import { filterHref, type RunFilter } from '#lib/client/run-filter'
import type { StatusCounts } from '#lib/client/run-list'
import { STATUS_WORD, STATUSES } from '#lib/client/status'
import { StatusIcon } from '../../_ui/status-icon.tsx'

/** How many runs there are in each status; each is a link to them. Statuses without runs are left out. */
export function StatusFacets({ filter, counts }: { filter: RunFilter; counts: StatusCounts }) {
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0)
  const shape =
    'flex h-7 items-center gap-1.5 rounded-md px-2 whitespace-nowrap coarse:h-11 hover:bg-raised hover:text-text'
  const look = (on: boolean) => clsx(shape, on ? 'bg-raised text-text' : 'text-muted')
  return (
    <nav
      aria-label="Status"
      className="flex gap-0.5 overflow-x-auto px-2 pt-2 [scrollbar-width:none] sm:px-3"
    >
      <Link
        href={filterHref({ ...filter, status: '' })}
        prefetch={false}
        aria-current={filter.status === '' ? 'true' : undefined}
        className={look(filter.status === '')}
      >
        All <Count n={total} />
      </Link>
      {STATUSES.map(status => {
        const on = filter.status.split(',').includes(status)
        if (counts[status] === 0 && !on) return null
        return (
          <Link
            key={status}
            href={filterHref({ ...filter, status: on ? '' : status })}
            prefetch={false}
            aria-current={on ? 'true' : undefined}
            className={look(on)}
          >
            <StatusIcon status={status} still />
            <span className="first-letter:uppercase">{STATUS_WORD[status]}</span> <Count n={counts[status]} />
          </Link>
        )
      })}
    </nav>
  )
}

function Count({ n }: { n: number }) {
  return <span className="text-text">{n}</span>
}
