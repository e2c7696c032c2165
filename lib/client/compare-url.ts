// The address of a comparison: which two runs, and what of them is looked at.

export const COMPARE_TABS = ['summary', 'diff', 'config'] as const
export type CompareTab = (typeof COMPARE_TABS)[number]

export interface CompareUrl {
  a: string | null
  b: string | null
  tab: CompareTab
}

export function readCompare(search: Record<string, string | string[] | undefined>): CompareUrl {
  const one = (name: string) => {
    const value = search[name]
    return (Array.isArray(value) ? value[0] : value)?.trim() || null
  }
  const tab = one('tab')
  return { a: one('a'), b: one('b'), tab: COMPARE_TABS.find(t => t === tab) ?? 'summary' }
}

export function compareHref(a: string | null, b: string | null, tab: CompareTab = 'summary'): string {
  const search = new URLSearchParams()
  if (a) search.set('a', a)
  if (b) search.set('b', b)
  if (tab !== 'summary') search.set('tab', tab)
  return search.size > 0 ? `/compare?${search}` : '/compare'
}
