'use client'
import clsx from 'clsx'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ComponentProps } from 'react'
import { Logo } from './logo.tsx'
import { activeItem, NAVIGATION, type NavigationItem } from './navigation.ts'
import { useKeyWords } from './shortcuts.tsx'
import type { Theme } from './theme.ts'
import { ThemeSwitch } from './theme-switch.tsx'
import { useNeedsYou } from './use-needs-you.ts'

/** Left of the page from 640 px: icons, from 1024 px with words. */
export function Rail({ theme }: { theme: Theme }) {
  const active = activeItem(usePathname())
  const needsYou = useNeedsYou()
  return (
    <nav
      aria-label="Main"
      className="hidden w-14 shrink-0 flex-col gap-0.5 border-r bg-panel p-2 sm:flex lg:w-52"
    >
      <Link
        href="/runs"
        className="mb-2 flex h-9 items-center gap-2 rounded-md px-2 text-lg font-semibold tracking-tight max-lg:justify-center"
      >
        <Logo />
        <span className="max-lg:sr-only">retrAI</span>
      </Link>
      {NAVIGATION.map(item => {
        const count = item.counts ? needsYou : 0
        return (
          <RailLink
            key={item.href}
            item={item}
            aria-current={item === active ? 'page' : undefined}
            className={clsx(
              'relative flex h-8 items-center gap-2.5 rounded-md px-2.5 coarse:h-11 max-lg:justify-center max-lg:px-0',
              item === active
                ? 'bg-raised font-medium text-text'
                : 'text-muted hover:bg-raised hover:text-text',
            )}
          >
            <item.icon aria-hidden className={clsx('size-4 shrink-0', count > 0 && 'text-gate')} />
            <span className="flex-1 max-lg:sr-only">{item.label}</span>
            {count > 0 && (
              <CountBadge count={count} className="max-lg:absolute max-lg:top-0 max-lg:right-0.5" />
            )}
          </RailLink>
        )
      })}
      <div className="mt-auto max-lg:self-center">
        <ThemeSwitch initial={theme} />
      </div>
    </nav>
  )
}

function RailLink({ item, ...rest }: { item: NavigationItem } & Omit<ComponentProps<typeof Link>, 'href'>) {
  const keys = useKeyWords('global', `Go to: ${item.label}`, item.keys)
  return <Link {...rest} href={item.href} title={keys === null ? item.label : `${item.label} (${keys})`} />
}

/** At the foot of the phone. */
export function TabBar() {
  const active = activeItem(usePathname())
  const needsYou = useNeedsYou()
  const shape = 'relative flex h-13 min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-2xs'
  return (
    <nav
      aria-label="Main"
      className="flex shrink-0 border-t bg-panel pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {NAVIGATION.filter(item => item.short).map(item => {
        const count = item.counts ? needsYou : 0
        return (
          <Link
            key={item.href}
            href={item.href}
            aria-current={item === active ? 'page' : undefined}
            className={clsx(shape, item === active ? 'font-medium text-text' : 'text-muted')}
          >
            <item.icon aria-hidden className={clsx('size-4', count > 0 && 'text-gate')} />
            {item.short}
            {count > 0 && <CountBadge count={count} className="absolute top-1 left-1/2 ml-2" />}
          </Link>
        )
      })}
    </nav>
  )
}

function CountBadge({ count, className }: { count: number; className?: string }) {
  return (
    <span
      data-fill
      className={clsx(
        'min-w-4.5 rounded-full bg-gate px-1 text-center text-2xs font-semibold text-bg',
        className,
      )}
    >
      {count}
      <span className="sr-only"> waiting</span>
    </span>
  )
}
