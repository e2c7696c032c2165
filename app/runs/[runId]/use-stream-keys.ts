'use client'
// The keys of the stream. What they move and change stands in activity.tsx.
import type { Row } from '#lib/contract/run-view'
import { useShortcuts } from '../../_ui/shortcuts.tsx'
import { isErrorRow } from './filter-rows.ts'
import { rawJson } from './raw-json.ts'
import { rowMarkdown } from './row-markdown.ts'

interface StreamKeys {
  rows: readonly Row[]
  selectedKey: string | null
  opened: ReadonlySet<string>
  /** The iteration that is worked on. */
  iteration: number
  goTo(index: number): void
  followAgain(): void
  toggle(key: string): void
  fold(key: string): void
  setOpened(change: (before: ReadonlySet<string>) => ReadonlySet<string>): void
  say(words: string): void
  copy(text: string, what: string): void
  linkTo(row: Row): string
  actions: {
    pause(): void
    errorsOnly(): void
    density(): void
    time(): void
    filter(): void
    inspector(): void
    closeInspector: (() => void) | null
    showAll(): void
  }
}

export function useStreamKeys(stream: StreamKeys) {
  const { rows, selectedKey, opened, goTo, toggle, fold, say, copy, linkTo, actions } = stream
  const at = selectedKey === null ? -1 : rows.findIndex(row => row.key === selectedKey)
  const selected = rows[at]

  function move(by: number) {
    const from = selectedKey === null ? (by < 0 ? rows.length : rows.length - 1 - by) : at
    goTo(from + by)
  }
  function open() {
    if (!selected) return
    if (selected.type === 'iteration') fold(selected.key)
    else toggle(selected.key)
  }
  /** Closes it, or goes to the iteration it belongs to. */
  function close() {
    if (!selected || selected.type === 'iteration') return
    if (opened.has(selected.key)) return toggle(selected.key)
    const parent = rows.findLastIndex((row, i) => i < at && row.type === 'iteration')
    if (parent !== -1) goTo(parent)
  }
  function nextError() {
    const next = rows.findIndex((row, i) => i > at && isErrorRow(row))
    const found = next === -1 ? rows.findIndex(isErrorRow) : next
    if (found === -1) say('No errors here')
    else goTo(found)
  }
  function setAll(isOpen: boolean) {
    const iteration = selected?.iteration ?? stream.iteration
    stream.setOpened(before => {
      const next = new Set(before)
      for (const row of rows) {
        if (row.iteration !== iteration || row.type === 'iteration') continue
        if (isOpen) next.add(row.key)
        else next.delete(row.key)
      }
      return next
    })
  }

  useShortcuts('list', [
    { keys: ['j', 'ArrowDown'], does: 'Next event', hint: 'row', run: () => move(1) },
    { keys: ['k', 'ArrowUp'], does: 'Event before', run: () => move(-1) },
    { keys: 'ArrowRight', does: 'Open the event (or ↵ on it)', run: open },
    { keys: ['h', 'ArrowLeft'], does: 'Close the event, or go to its iteration', run: close },
    { keys: 'e', does: 'Open all events of this iteration', run: () => setAll(true) },
    { keys: 'Shift+E', does: 'Close all events of this iteration', run: () => setAll(false) },
    { keys: 'Home', does: 'First event', run: () => goTo(0) },
    { keys: ['End', 'Shift+G'], does: 'Newest event, and follow', run: stream.followAgain },
    { keys: 'p', does: 'Pause or resume following', hint: 'pause', run: actions.pause },
    { keys: 'f', does: 'Errors only', run: actions.errorsOnly },
    { keys: 'Shift+F', does: 'Next error', run: nextError },
    { keys: 'v', does: 'Compact, all events, or raw', run: actions.density },
    { keys: 't', does: 'Times: since the start, of the clock, or how long ago', run: actions.time },
    { keys: '/', does: 'Filter the events', hint: 'filter', run: actions.filter },
    { keys: 'i', does: 'Open or close the inspector', hint: 'inspect', run: actions.inspector },
    { keys: 'o', does: 'All of the output of the selected event', run: actions.showAll },
    ...(actions.closeInspector
      ? [{ keys: 'Escape', does: 'Close the inspector', run: actions.closeInspector }]
      : []),
    {
      keys: 'y',
      does: 'Copy a link to the selected event',
      run() {
        const path = selected ? linkTo(selected) : window.location.pathname + window.location.search
        copy(new URL(path, window.location.href).href, 'Link')
      },
    },
    {
      keys: 'c',
      does: 'Copy the selected event as Markdown',
      run() {
        if (selected)
          copy(rowMarkdown(selected, new URL(linkTo(selected), window.location.href).href), 'Event')
      },
    },
    {
      keys: 'Shift+C',
      does: 'Copy the selected event as JSON',
      run() {
        if (selected && selected.type !== 'iteration') copy(rawJson(selected), 'JSON')
      },
    },
  ])
}
