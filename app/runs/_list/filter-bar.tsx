'use client'
import clsx from 'clsx'
import { LoaderCircle, Search, SlidersHorizontal, X } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type ReactNode, type RefObject, useEffect, useRef, useState, useTransition } from 'react'
import { goalTitle, projectName } from '#lib/client/format'
import { filterHref, isFiltered, NO_FILTER, type RunFilter } from '#lib/client/run-filter'
import type { Choices } from '#lib/client/run-list'
import { NEWEST_FIRST, readSort } from '#lib/client/run-sort'
import type { RunSort } from '#lib/contract/runs'
import { IconButton } from '../../_ui/button.tsx'
import { Input, Select } from '../../_ui/field.tsx'

const AGES = [
  ['24h', 'last 24 hours'],
  ['7d', 'last 7 days'],
  ['30d', 'last 30 days'],
] as const

const ORDERS: [RunSort, string][] = [
  [NEWEST_FIRST, 'Newest first'],
  ['created', 'Oldest first'],
  ['-updated', 'Last changed first'],
  ['-cost', 'Most expensive first'],
  ['cost', 'Cheapest first'],
  ['-tokens', 'Most tokens first'],
  ['tokens', 'Fewest tokens first'],
  ['-iterations', 'Most iterations first'],
  ['iterations', 'Fewest iterations first'],
  ['-failing', 'Most failing first'],
  ['failing', 'Fewest failing first'],
  ['updated', 'Longest unchanged first'],
]

/** Search and filters: a form whose URL is the filter. */
export function FilterBar({
  filter,
  choices,
  searchRef,
  children,
}: {
  filter: RunFilter
  choices: Choices
  searchRef: RefObject<HTMLInputElement | null>
  /** What else is chosen about the list, at the end of the line. */
  children?: ReactNode
}) {
  const router = useRouter()
  // On the phone the choices stand behind a button; one that is set is shown.
  const [open, setOpen] = useState(isFiltered({ ...filter, q: '', status: '' }))
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const [pending, startTransition] = useTransition()
  const go = (next: RunFilter) => startTransition(() => router.replace(filterHref(next), { scroll: false }))
  useEffect(() => () => clearTimeout(timer.current), [])

  return (
    <search>
      <form
        action="/runs"
        className="flex flex-wrap items-center gap-2 px-3 py-2 sm:px-4"
        onSubmit={event => {
          event.preventDefault()
          clearTimeout(timer.current)
          go({ ...filter, q: searchRef.current?.value.trim() ?? '' })
        }}
      >
        <div className="relative min-w-36 flex-1 sm:max-w-72">
          <span aria-hidden className="absolute inset-y-0 left-2 grid place-items-center text-muted">
            {pending ? (
              <LoaderCircle className="size-3.5 motion-safe:animate-spin" />
            ) : (
              <Search className="size-3.5" />
            )}
          </span>
          <Input
            ref={searchRef}
            key={filter.q === '' ? 'empty' : 'some'}
            type="search"
            aria-label="Search runs"
            name="q"
            defaultValue={filter.q}
            placeholder="Goal, directory or run id"
            maxLength={500}
            className="pl-7"
            onKeyDown={event => event.key === 'Escape' && event.currentTarget.blur()}
            onChange={event => {
              const q = event.currentTarget.value.trim()
              clearTimeout(timer.current)
              timer.current = setTimeout(() => go({ ...filter, q }), 250)
            }}
          />
        </div>
        <IconButton
          label="Filters"
          kind="plain"
          aria-expanded={open}
          className="sm:hidden"
          onClick={() => setOpen(!open)}
        >
          <SlidersHorizontal aria-hidden className="size-4" />
        </IconButton>
        <div className={clsx('w-full flex-wrap gap-2 sm:flex sm:w-auto', open ? 'flex' : 'hidden')}>
          <Choice
            label="Project"
            value={filter.cwd}
            options={choices.cwd.map(({ value, count }) => [value, `${projectName(value)} (${count})`])}
            onChange={cwd => go({ ...filter, cwd })}
          />
          <Choice
            label="Goal"
            value={filter.goal}
            options={choices.goal.map(({ value, count }) => [value, `${goalTitle(value)} (${count})`])}
            onChange={goal => go({ ...filter, goal })}
          />
          <Choice
            label="Model"
            value={filter.model_name}
            options={choices.model_name.map(({ value, count }) => [value, `${value} (${count})`])}
            onChange={model_name => go({ ...filter, model_name })}
          />
          <Choice
            label="Age"
            value={filter.since}
            options={AGES}
            onChange={since => go({ ...filter, since })}
          />
          <Select
            aria-label="Order"
            value={filter.sort}
            onChange={event => go({ ...filter, sort: readSort(event.currentTarget.value) })}
            className={
              filter.sort === NEWEST_FIRST ? 'max-w-44 shrink-0 text-muted' : 'max-w-48 shrink-0 font-medium'
            }
          >
            {ORDERS.map(([sort, text]) => (
              <option key={sort} value={sort}>
                {text}
              </option>
            ))}
          </Select>
        </div>
        {isFiltered(filter) && (
          <Link
            href={filterHref({ ...NO_FILTER, sort: filter.sort })}
            className="flex h-7 items-center gap-1 rounded-md px-2 whitespace-nowrap text-muted hover:bg-raised hover:text-text coarse:h-11"
          >
            <X aria-hidden className="size-3.5" /> Clear
          </Link>
        )}
        {children}
      </form>
    </search>
  )
}

/** Left out where there is nothing to choose from. */
function Choice({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: string
  options: readonly (readonly [string, string])[]
  onChange: (value: string) => void
}) {
  const all =
    options.some(([v]) => v === value) || value === '' ? options : [[value, value] as const, ...options]
  if (all.length < 2 && value === '') return null
  return (
    <Select
      aria-label={label}
      value={value}
      onChange={event => onChange(event.currentTarget.value)}
      className={value === '' ? 'max-w-40 shrink-0 text-muted' : 'max-w-48 shrink-0 font-medium'}
    >
      <option value="">{label}: any</option>
      {all.map(([v, text]) => (
        <option key={v} value={v}>
          {text}
        </option>
      ))}
    </Select>
  )
}
