// The pages of the frame: rail, phone tabs, palette and the `g …` keys read this. A new page adds its line.
import {
  Activity,
  BookOpen,
  GitCompareArrows,
  Hand,
  ListTree,
  type LucideIcon,
  Plus,
  Settings,
} from 'lucide-react'

export interface NavigationItem {
  href: string
  label: string
  /** On the phone's tab bar; left out there without it. */
  short?: string
  icon: LucideIcon
  keys: string
  /** Shows how many runs wait for a person. */
  counts?: 'needs_you'
}

export const NAVIGATION: NavigationItem[] = [
  { href: '/runs', label: 'Runs', short: 'Runs', icon: ListTree, keys: 'g r' },
  {
    href: '/needs-you',
    label: 'Needs you',
    short: 'Needs you',
    icon: Hand,
    keys: 'g n',
    counts: 'needs_you',
  },
  { href: '/runs/new', label: 'New run', short: 'New', icon: Plus, keys: 'n' },
  { href: '/compare', label: 'Compare', icon: GitCompareArrows, keys: 'g c' },
  { href: '/health', label: 'Health', short: 'Health', icon: Activity, keys: 'g h' },
  { href: '/settings', label: 'Settings', short: 'Settings', icon: Settings, keys: 'g s' },
  { href: '/docs/api', label: 'API', icon: BookOpen, keys: 'g d' },
]

/** The item a path belongs to: the one with the longest matching start. */
export function activeItem(pathname: string): NavigationItem | undefined {
  return NAVIGATION.filter(i => pathname === i.href || pathname.startsWith(`${i.href}/`)).sort(
    (a, b) => b.href.length - a.href.length,
  )[0]
}

/** What a page is called where its keys are listed; that of a run is one page, whichever run it is. */
export function pageName(pathname: string): string {
  if (pathname === '/runs') return 'Runs'
  const item = activeItem(pathname)
  return item === undefined || item.href === '/runs' ? 'A run' : item.label
}
