'use client'
import clsx from 'clsx'
import { useRef } from 'react'
import { useShortcuts } from '../../_ui/shortcuts.tsx'
import { TABS, type Tab } from './run-url.ts'

const WORDS: Record<Tab, string> = {
  activity: 'Activity',
  changes: 'Changes',
  checks: 'Checks',
  usage: 'Usage',
  config: 'Config',
}

export function RunTabs({
  tab,
  counts,
  onChoose,
}: {
  tab: Tab
  counts: Partial<Record<Tab, number>>
  onChoose(tab: Tab): void
}) {
  const list = useRef<HTMLDivElement>(null)
  useShortcuts(
    'page',
    TABS.map((name, i) => ({ keys: String(i + 1), does: `Tab ${WORDS[name]}`, run: () => onChoose(name) })),
  )
  function step(by: number) {
    const next = TABS.at((TABS.indexOf(tab) + by) % TABS.length)
    if (!next) return
    onChoose(next)
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus()
  }
  return (
    <div
      ref={list}
      role="tablist"
      aria-label="Views of this run"
      className="flex h-10 shrink-0 items-stretch gap-1 overflow-x-auto border-b px-2 [scrollbar-width:none] coarse:h-11"
    >
      {TABS.map(name => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={name === tab}
          aria-controls="run-view"
          tabIndex={name === tab ? 0 : -1}
          onClick={() => onChoose(name)}
          onKeyDown={event => {
            if (event.key === 'ArrowRight') step(1)
            else if (event.key === 'ArrowLeft') step(-1)
            else return
            event.preventDefault()
            event.stopPropagation()
          }}
          className={clsx(
            'relative flex items-center gap-1.5 rounded-sm px-2 whitespace-nowrap focus-visible:outline-offset-[-2px]',
            name === tab
              ? 'font-medium text-text after:absolute after:inset-x-1 after:bottom-0 after:h-0.5 after:rounded-full after:bg-accent'
              : 'text-muted hover:text-text',
          )}
        >
          {WORDS[name]}
          {counts[name] !== undefined && (
            <span className="text-xs font-normal text-muted">{counts[name]}</span>
          )}
        </button>
      ))}
    </div>
  )
}
