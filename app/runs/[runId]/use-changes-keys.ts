'use client'
// The keys of the changes: what they go to is found in the document, in the order it is read.
import { type RefObject, useEffect, useRef } from 'react'
import { useShortcuts } from '../../_ui/shortcuts.tsx'

export function useChangesKeys({
  root,
  at,
  toggleSplit,
  toggleWrap,
  onFile,
  onLine,
  onCopyLink,
}: {
  root: RefObject<HTMLElement | null>
  /** The line that is chosen. */
  at: { path: string; line: string } | null
  toggleSplit(): void
  toggleWrap(): void
  onFile(path: string): void
  onLine(path: string, line: string): void
  onCopyLink(): void
}) {
  const all = (selector: string) => [...(root.current?.querySelectorAll<HTMLElement>(selector) ?? [])]
  const fileOf = (element: Element | null | undefined) =>
    element?.closest('section[aria-label^="Diff of"]')?.querySelector<HTMLElement>('[data-diff-file]') ?? null

  function step(selector: string, by: 1 | -1): HTMLElement | undefined {
    const found = next(all(selector), by)
    found?.focus({ preventScroll: true })
    found?.scrollIntoView({ block: 'center' })
    return found
  }
  // The address follows a little later than a key that is held down.
  const now = useRef(at)
  const [path, chosenLine] = [at?.path ?? null, at?.line ?? null]
  useEffect(() => {
    now.current = path === null || chosenLine === null ? null : { path, line: chosenLine }
  }, [path, chosenLine])
  function line(by: 1 | -1) {
    const rows = all('tr[data-at]')
    const from = now.current
    const chosen = from
      ? rows.findIndex(row => row.dataset.at === from.line && fileOf(row)?.dataset.diffFile === from.path)
      : -1
    const row = chosen === -1 ? next(rows, by) : rows[chosen + by]
    const path = fileOf(row)?.dataset.diffFile
    if (!row?.dataset.at || path === undefined) return
    now.current = { path, line: row.dataset.at }
    onLine(path, row.dataset.at)
  }
  function file(by: 1 | -1) {
    const path = step('[data-diff-file]', by)?.dataset.diffFile
    if (path !== undefined) onFile(path)
  }
  /** The file with the focus or the chosen line; else the first that nobody has looked at. */
  function markViewed() {
    const boxes = all('input[data-diff-viewed]') as HTMLInputElement[] // by their tag
    const here = fileOf(document.activeElement)?.dataset.diffFile ?? at?.path
    const box = boxes.find(one => one.dataset.diffViewed === here) ?? boxes.find(one => !one.checked)
    box?.click()
  }

  useShortcuts('list', [
    { keys: ['j', 'ArrowDown'], does: 'Next line', hint: 'line', run: () => line(1) },
    { keys: ['k', 'ArrowUp'], does: 'Line before', run: () => line(-1) },
    { keys: 'n', does: 'Next change', hint: 'change', run: () => step('[data-diff-hunk]', 1) },
    { keys: 'Shift+N', does: 'Change before', run: () => step('[data-diff-hunk]', -1) },
    { keys: '.', does: 'Next file', hint: 'file', run: () => file(1) },
    { keys: ',', does: 'File before', run: () => file(-1) },
    { keys: 'm', does: 'Mark the file as viewed', hint: 'viewed', run: markViewed },
    {
      keys: 'c',
      does: 'Comment on the chosen line',
      run: () => root.current?.querySelector<HTMLElement>('[data-diff-comment]')?.click(),
    },
    { keys: 'u', does: 'Unified, or side by side', run: toggleSplit },
    { keys: 'w', does: 'Wrap long lines', hint: 'wrap', run: toggleWrap },
    { keys: 'y', does: 'Copy a link to the chosen line', run: onCopyLink },
  ])
}

/** The first after (or last before) what has the focus; from nowhere, the first or the last. */
function next(elements: HTMLElement[], by: 1 | -1): HTMLElement | undefined {
  const { activeElement } = document
  const isPlaced = activeElement !== null && activeElement !== document.body
  const follows = (element: HTMLElement) =>
    isPlaced &&
    Boolean(activeElement.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) &&
    !activeElement.contains(element)
  const precedes = (element: HTMLElement) =>
    isPlaced && Boolean(activeElement.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING)
  if (by === 1) return elements.find(follows) ?? (isPlaced ? undefined : elements[0])
  return elements.findLast(precedes)
}
