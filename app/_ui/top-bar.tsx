import Link from 'next/link'
import { Fragment, type ReactNode } from 'react'
import { LivePill } from './live-pill.tsx'
import { PaletteButton } from './palette-button.tsx'

export interface Crumb {
  label: ReactNode
  href?: string
}

/** The head of every page: where it is, whether it is up to date, and what can be done. The last crumb is the page's h1. */
export function TopBar({ crumbs, children }: { crumbs: Crumb[]; children?: ReactNode }) {
  const last = crumbs.at(-1)
  return (
    <header className="flex min-h-12 shrink-0 coarse:min-h-14 items-center gap-2 border-b px-3 sm:px-4">
      <nav aria-label="Breadcrumb" className="flex min-w-0 items-center gap-1.5">
        {crumbs.slice(0, -1).map(crumb => (
          <Fragment key={crumb.href}>
            <Link
              href={crumb.href ?? '/runs'}
              className="inline-flex h-6 shrink-0 items-center rounded-sm text-muted hover:text-text coarse:h-11 coarse:min-w-11"
            >
              {crumb.label}
            </Link>
            <span aria-hidden className="text-control">
              /
            </span>
          </Fragment>
        ))}
        <h1 className="min-w-0 truncate text-lg font-semibold tracking-tight" aria-current="page">
          {last?.label}
        </h1>
      </nav>
      <LivePill />
      <div className="ml-auto flex shrink-0 items-center gap-2">
        <PaletteButton />
        {children}
      </div>
    </header>
  )
}
