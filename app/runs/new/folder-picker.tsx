'use client'
// Chooses a directory of the server's machine. Loaded when it is asked for.
import { CornerLeftUp, Folder, FolderGit2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { call } from '#lib/client/call'
import { listFolders } from '#lib/client/endpoints'
import { projectName } from '#lib/client/format'
import type { FolderList } from '#lib/contract/folders'
import { messageOf } from '#lib/errors'
import { Button } from '../../_ui/button.tsx'
import { Dialog } from '../../_ui/dialog.tsx'
import { Loading, Notice } from '../../_ui/panel.tsx'
import { visible } from '../../_ui/visible-text.ts'

const MAX_RECENT = 6

export function FolderPicker({
  start,
  recent,
  onChoose,
  onClose,
}: {
  /** Where it begins; where that cannot be looked into, at the usual place. */
  start: string
  recent: string[]
  onChoose(path: string): void
  onClose(): void
}) {
  const [at, setAt] = useState<string | null>(start.startsWith('/') ? start : null)
  const [list, setList] = useState<FolderList | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const stop = new AbortController()
    call(listFolders, { query: at === null ? {} : { path: at }, signal: stop.signal }).then(
      found => {
        setList(found)
        setProblem(null)
      },
      error => {
        if (stop.signal.aborted) return
        setProblem(messageOf(error))
        // What was typed is no folder: begin where one can look around.
        if (at === start) setAt(null)
      },
    )
    return () => stop.abort()
  }, [at, start])

  /** The list is new after each step: the focus goes to its first entry, as far as it was in the list. */
  const moved = useRef(false)
  useEffect(() => {
    if (!list || !moved.current) return
    moved.current = false
    box.current?.querySelector<HTMLElement>('[data-entry]')?.focus()
  }, [list])
  const go = (path: string) => {
    moved.current = true
    setAt(path)
  }
  function onKeyDown(event: React.KeyboardEvent<HTMLElement>) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    const entries = [...(box.current?.querySelectorAll<HTMLElement>('[data-entry]') ?? [])]
    const now = entries.indexOf(event.currentTarget)
    if (now === -1) return
    event.preventDefault()
    entries[Math.max(0, Math.min(entries.length - 1, now + step))]?.focus()
  }

  return (
    <Dialog title="Choose a directory" description="Of the machine the server runs on." onClose={onClose}>
      {problem && (
        <div role="alert" className="mb-3">
          <Notice tone="err">{problem}</Notice>
        </div>
      )}
      {list === null && !problem && <Loading rows={6} />}
      {list && (
        <div ref={box}>
          {recent.length > 0 && (
            <section
              aria-label="Recent"
              className="mb-3 flex flex-wrap gap-1.5 max-sm:[&>:nth-child(n+4)]:hidden"
            >
              {recent.slice(0, MAX_RECENT).map(path => (
                <Button key={path} title={path} onClick={() => onChoose(path)} className="max-w-full">
                  <span className="truncate">{visible(projectName(path))}</span>
                </Button>
              ))}
            </section>
          )}
          <p role="status" className="mb-2 font-mono text-mono">
            {visible(list.path)}
          </p>
          <ul
            aria-label="Folders"
            className="max-h-[42dvh] max-sm:max-h-[32dvh] overflow-y-auto rounded-lg border"
          >
            {list.parent !== null && (
              <li className="border-b">
                <Entry onKeyDown={onKeyDown} onOpen={() => go(list.parent ?? '/')}>
                  <CornerLeftUp aria-hidden className="size-3.5 text-muted" /> One up
                </Entry>
              </li>
            )}
            {list.folders.map(folder => (
              <li key={folder.name} className="border-b last:border-0">
                <Entry onKeyDown={onKeyDown} onOpen={() => go(folder.path)}>
                  {folder.is_project ? (
                    <FolderGit2 aria-hidden className="size-3.5 shrink-0 text-accent" />
                  ) : (
                    <Folder aria-hidden className="size-3.5 shrink-0 text-muted" />
                  )}
                  <span className="min-w-0 truncate">{visible(folder.name)}</span>
                  {folder.is_project && <span className="ml-auto text-2xs text-muted">project</span>}
                </Entry>
              </li>
            ))}
            {list.folders.length === 0 && (
              <li className="px-3 py-2 text-muted">No folders that could be chosen.</li>
            )}
            {list.truncated && (
              <li className="px-3 py-2 text-muted">
                There are more than can be shown; type the path instead.
              </li>
            )}
          </ul>
          {list.starts.length > 1 && (
            <p className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
              Begin at
              {list.starts.map(path => (
                <button
                  key={path}
                  type="button"
                  onClick={() => setAt(path)}
                  className="inline-flex min-h-6 items-center font-mono text-mono text-accent underline coarse:min-h-11"
                >
                  {visible(path)}
                </button>
              ))}
            </p>
          )}
          <div className="mt-4 flex flex-wrap items-center gap-3 border-t pt-3">
            <Button kind="primary" blocked={list.why_not} onClick={() => onChoose(list.path)}>
              Use this directory
            </Button>
            {list.why_not && <span className="min-w-0 flex-1 text-muted">{list.why_not}</span>}
          </div>
        </div>
      )}
    </Dialog>
  )
}

function Entry({
  onOpen,
  onKeyDown,
  children,
}: {
  onOpen(): void
  onKeyDown(event: React.KeyboardEvent<HTMLElement>): void
  children: React.ReactNode
}) {
  return (
    <button
      type="button"
      data-entry
      onClick={onOpen}
      onKeyDown={onKeyDown}
      className="flex min-h-8 w-full min-w-0 items-center gap-2 px-3 text-left -outline-offset-2 hover:bg-raised coarse:min-h-11"
    >
      {children}
    </button>
  )
}
