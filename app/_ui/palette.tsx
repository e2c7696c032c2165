'use client'
// Everything by its name: pages, what can be done on the page that is open, runs. Loaded when it is first opened.
import { CornerDownLeft } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { call } from '#lib/client/call'
import { listRuns } from '#lib/client/endpoints'
import { goalTitle, projectName, shortId } from '#lib/client/format'
import { findItems, type PaletteItem, readQuery } from '#lib/client/palette'
import { keyLabels, keysOf } from '#lib/client/shortcuts'
import { STATUS_WORD } from '#lib/client/status'
import type { RunSummary } from '#lib/contract/runs'
import { useIsMac } from '../_hooks/use-is-mac.ts'
import { Kbd } from './kbd.tsx'
import { useActiveRuns } from './live-provider.tsx'
import { NAVIGATION } from './navigation.ts'
import { useRegisteredShortcuts, useShortcuts } from './shortcuts.tsx'
import { StatusIcon } from './status-icon.tsx'
import { shareStyleNonce } from './style-nonce.ts'
import { THEMES } from './theme.ts'
import { applyTheme, THEME_WORDS } from './theme-switch.tsx'
import { visible } from './visible-text.ts'

const KIND_WORDS = { action: 'here', page: 'page', run: 'run', setting: 'setting' } as const

export function Palette({ onClose }: { onClose: () => void }) {
  useState(shareStyleNonce)
  useShortcuts('dialog', [])
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const id = useId()
  const runs = useRuns(text)
  const statusOf = useMemo(() => new Map(runs.map(run => [run.run_id, run.status])), [runs])
  const close = (then: () => void) => () => {
    onClose()
    // After the focus is back where it was: what is done may move it on.
    setTimeout(then)
  }
  const found = findItems(useItems(runs, close), text)
  const chosen = found[Math.min(at, found.length - 1)]
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  })

  function onKeyDown(event: React.KeyboardEvent) {
    if (event.nativeEvent.isComposing) return
    const last = found.length - 1
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      const from = Math.min(at, last)
      const next =
        Math.abs(step) === 1 ? (from + step + found.length) % Math.max(1, found.length) : from + step
      setAt(Math.max(0, Math.min(last, next)))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      chosen?.run()
    }
  }

  return (
    <Radix.Root open onOpenChange={open => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.5)]" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-[8dvh] left-1/2 z-50 flex max-h-[min(30rem,80dvh)] w-[min(40rem,calc(100vw-1.5rem))] -translate-x-1/2 flex-col overflow-hidden rounded-lg border bg-bg shadow-pop"
        >
          <Radix.Title className="sr-only">Find anything</Radix.Title>
          <input
            // biome-ignore lint/a11y/noAutofocus: a dialog that was asked for begins where one types
            autoFocus
            role="combobox"
            aria-label="Find anything"
            aria-expanded={found.length > 0}
            aria-controls={`${id}list`}
            aria-activedescendant={chosen && `${id}${chosen.id}`}
            aria-autocomplete="list"
            autoComplete="off"
            spellCheck={false}
            value={text}
            placeholder="Pages, actions, runs"
            onChange={event => {
              setText(event.currentTarget.value)
              setAt(0)
            }}
            onKeyDown={onKeyDown}
            className="h-11 shrink-0 border-b bg-bg px-4 text-lg -outline-offset-2 coarse:h-13 coarse:text-[16px]"
          />
          <div
            ref={list}
            id={`${id}list`}
            role="listbox"
            aria-label="Found"
            className="min-h-0 overflow-y-auto p-1"
          >
            {found.map(item => (
              <Option
                key={item.id}
                id={`${id}${item.id}`}
                item={item}
                isChosen={item === chosen}
                icon={iconOf(item, statusOf)}
                onPoint={() => setAt(found.indexOf(item))}
              />
            ))}
          </div>
          <p className="border-t px-4 py-1.5 text-2xs text-muted max-sm:hidden">
            <Kbd>&gt;</Kbd> only actions and pages <Kbd>#</Kbd> only runs
          </p>
          <p role="status" className={found.length === 0 ? 'px-4 pb-4 text-muted' : 'sr-only'}>
            {found.length === 0 ? `Nothing is called «${readQuery(text).query}»` : `${found.length} found`}
          </p>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function Option({
  id,
  item,
  isChosen,
  icon,
  onPoint,
}: {
  id: string
  item: PaletteItem
  isChosen: boolean
  icon: ReactNode
  onPoint(): void
}) {
  return (
    // The keyboard is in the field, which names the chosen option: options never have the focus themselves.
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      id={id}
      role="option"
      aria-selected={isChosen}
      onClick={() => item.run()}
      onPointerMove={onPoint}
      className={`flex min-h-8 cursor-pointer items-center gap-2.5 rounded-md px-3 py-1 coarse:min-h-11 ${isChosen ? 'bg-raised' : ''}`}
    >
      <span className="grid w-4 shrink-0 place-items-center text-muted">{icon}</span>
      <span className="min-w-0 truncate">{item.title}</span>
      {item.detail && <span className="min-w-0 shrink-2 truncate text-muted">{item.detail}</span>}
      <span className="ml-auto flex shrink-0 items-center gap-1 text-2xs text-muted">
        {item.keys ? item.keys.map(key => <Kbd key={key}>{key}</Kbd>) : KIND_WORDS[item.kind]}
        {isChosen && <CornerDownLeft aria-hidden className="size-3" />}
      </span>
    </div>
  )
}

function iconOf(item: PaletteItem, statusOf: ReadonlyMap<string, RunSummary['status']>): ReactNode {
  if (item.kind === 'run') {
    const status = statusOf.get(item.id)
    return status && <StatusIcon status={status} still />
  }
  const page = NAVIGATION.find(one => one.href === item.id)
  return page && <page.icon aria-hidden className="size-3.5" />
}

/** What can be chosen: who waits first, then what can be done here, pages, runs, settings. */
function useItems(runs: RunSummary[], close: (then: () => void) => () => void): PaletteItem[] {
  const router = useRouter()
  const isMac = useIsMac()
  const registered = useRegisteredShortcuts()
  const asItem = (run: RunSummary): PaletteItem => ({
    id: run.run_id,
    kind: 'run',
    title: visible(goalTitle(run.goal)),
    detail: `${visible(projectName(run.cwd))} · ${STATUS_WORD[run.status]} · ${shortId(run.run_id)}`,
    words: `${run.run_id} ${run.cwd} ${run.model_name} ${run.tags.join(' ')}`,
    run: close(() => router.push(`/runs/${run.run_id}`)),
  })
  const seen = new Set<string>()
  const actions = registered
    .toReversed() // what the page says is nearer than what holds everywhere
    .filter(({ scope }) => scope !== 'dialog')
    .flatMap(({ shortcuts }) => shortcuts)
    .filter(({ run, does }) => {
      const isNew = run !== undefined && !/^(Go to: |Find anything)/.test(does) && !seen.has(does)
      seen.add(does)
      return isNew
    })
    .map((shortcut): PaletteItem => {
      const [keys] = keysOf(shortcut)
      return {
        id: `do ${shortcut.does}`,
        kind: 'action',
        title: shortcut.does,
        ...(keys !== undefined && { keys: keyLabels(keys, isMac) }),
        run: close(() => shortcut.run?.(new KeyboardEvent('keydown'))),
      }
    })
  const pages = NAVIGATION.map(
    (page): PaletteItem => ({
      id: page.href,
      kind: 'page',
      title: page.label,
      words: `go to open page ${page.href}`,
      run: close(() => router.push(page.href)),
    }),
  )
  const themes = THEMES.map(
    (theme): PaletteItem => ({
      id: `theme ${theme}`,
      kind: 'setting',
      title: `Theme: ${THEME_WORDS[theme].toLowerCase()}`,
      words: 'appearance colours mode',
      run: close(() => applyTheme(theme)),
    }),
  )
  const waiting = runs.filter(run => run.status === 'waiting')
  const others = runs.filter(run => run.status !== 'waiting')
  return [...waiting.map(asItem), ...pages, ...actions, ...others.map(asItem), ...themes]
}

/** The newest runs, those that have not ended, and what the server finds of the older ones. */
function useRuns(text: string): RunSummary[] {
  const active = useActiveRuns()
  const [recent, setRecent] = useState<RunSummary[]>([])
  const [searched, setSearched] = useState<RunSummary[]>([])
  useEffect(() => {
    const stop = new AbortController()
    // Without an answer there are still the pages and the runs that go on.
    call(listRuns, { query: { limit: 50 }, signal: stop.signal }).then(setRecent, () => {})
    return () => stop.abort()
  }, [])
  const { query } = readQuery(text)
  useEffect(() => {
    if (query.length < 2) return setSearched([])
    const stop = new AbortController()
    const timer = setTimeout(
      () =>
        call(listRuns, { query: { q: query, limit: 20 }, signal: stop.signal }).then(setSearched, () => {}),
      150,
    )
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [query])
  return [...new Map([...searched, ...recent, ...active].map(run => [run.run_id, run])).values()]
}
