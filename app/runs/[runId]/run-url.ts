'use client'
// The state of the page that has an address: tab, iteration, event, filter, density, file.
import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'

export const TABS = ['activity', 'changes', 'checks', 'usage', 'config'] as const
export type Tab = (typeof TABS)[number]

export interface RunUrl {
  tab: Tab
  /** The iteration all tabs obey; null: live. */
  iter: number | null
  /** The first of several iterations whose changes are shown; `iter` is the last. */
  from: number | null
  /** Seq of the selected event. */
  ev: number | null
  /** Filter of the stream, as typed. */
  f: string
  view: 'compact' | 'all'
  file: string | null
  /** The inspector lies over the stream. As a pane beside it, it is part of how the page is arranged, and in no address. */
  inspect: boolean
  /** The gate a notification led to. */
  gate: string | null
}

/** The page as it is without any of it. */
export const PLAIN_URL: RunUrl = {
  tab: 'activity',
  iter: null,
  from: null,
  ev: null,
  f: '',
  view: 'compact',
  file: null,
  inspect: false,
  gate: null,
}

export type ChangeUrl = (changes: Partial<RunUrl>, how?: 'push' | 'replace') => void

export function useRunUrl(): [RunUrl, ChangeUrl] {
  const params = useSearchParams()
  const path = usePathname()
  const url = useMemo(() => readUrl(params), [params])
  const change = useCallback<ChangeUrl>(
    (changes, how = 'replace') => {
      // Read again: two changes in one tick must not undo each other.
      const next = { ...readUrl(new URLSearchParams(window.location.search)), ...changes }
      const target = `${path}${searchOf(next)}`
      if (target === window.location.pathname + window.location.search) return
      // Next follows the browser's own history without asking the server again.
      if (how === 'push') window.history.pushState(null, '', target)
      else window.history.replaceState(null, '', target)
    },
    [path],
  )
  return [url, change]
}

export function readUrl(params: URLSearchParams): RunUrl {
  const tab = params.get('tab')
  return {
    tab: TABS.find(t => t === tab) ?? 'activity',
    iter: wholeNumber(params.get('iter')),
    from: wholeNumber(params.get('from')),
    ev: wholeNumber(params.get('ev')),
    f: params.get('f') ?? '',
    view: params.get('view') === 'all' ? 'all' : 'compact',
    file: params.get('file'),
    inspect: params.get('inspect') === '1',
    gate: params.get('gate'),
  }
}

/** What differs from the plain page, beginning with `?`; empty when nothing does. */
export function searchOf(url: RunUrl): string {
  const params = new URLSearchParams()
  if (url.tab !== 'activity') params.set('tab', url.tab)
  if (url.iter !== null) params.set('iter', String(url.iter))
  if (url.iter !== null && url.from !== null) params.set('from', String(url.from))
  if (url.ev !== null) params.set('ev', String(url.ev))
  if (url.f !== '') params.set('f', url.f)
  if (url.view !== 'compact') params.set('view', url.view)
  if (url.file !== null) params.set('file', url.file)
  if (url.inspect) params.set('inspect', '1')
  if (url.gate !== null) params.set('gate', url.gate)
  return params.size > 0 ? `?${params}` : ''
}

function wholeNumber(value: string | null): number | null {
  const n = value === null ? Number.NaN : Number(value)
  return Number.isInteger(n) && n >= 0 ? n : null
}
