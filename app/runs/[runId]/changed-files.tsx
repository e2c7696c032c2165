'use client'
import clsx from 'clsx'
import { Check, ChevronDown, ChevronRight } from 'lucide-react'
import { useMemo, useState } from 'react'
import { count } from '#lib/client/format'
import type { DiffStat } from '#lib/contract/events/shared'
import { FileSign } from '../../_ui/diff/file-sign.tsx'
import { FileName } from '../../_ui/visible-code.tsx'
import { visible } from '../../_ui/visible-text.ts'
import { PlusMinus } from './_events/tool-row.tsx'
import { fileTree, type TreeNode } from './file-tree.ts'
import { isTestFile } from './is-test-file.ts'

export const FILE_CHOICES = { all: 'All', tests: 'Tests only', code: 'Not tests' } as const
export type FileChoice = keyof typeof FILE_CHOICES

export const isShown = (choice: FileChoice, path: string): boolean =>
  choice === 'all' || isTestFile(path) === (choice === 'tests')

const INDENT = ['', 'pl-3', 'pl-6', 'pl-9', 'pl-12', 'pl-15']

/** Complete even where the diff is cut: it comes from the server's own count. */
export function ChangedFiles({
  stat,
  choice,
  onChoice,
  chosen,
  viewed,
  onChoose,
  className,
}: {
  stat: DiffStat
  choice: FileChoice
  onChoice(choice: FileChoice): void
  chosen: string | null
  viewed: ReadonlySet<string>
  onChoose(path: string): void
  className?: string
}) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const shown = stat.by_file.filter(file => isShown(choice, file.path))
  const tree = useMemo(() => fileTree(shown), [shown])
  const isInFolded = (node: TreeNode) =>
    [...folded].some(folder => node.path.startsWith(`${folder}/`) && node.path !== folder)
  const hidden = stat.files - stat.by_file.length
  return (
    <nav aria-label="Changed files" className={clsx('min-w-0', className)}>
      <fieldset className="mb-1 flex w-fit rounded-md border p-px">
        <legend className="sr-only">Which files</legend>
        {Object.entries(FILE_CHOICES).map(([value, word]) => (
          <button
            key={value}
            type="button"
            aria-pressed={value === choice}
            // Of an object with these keys alone.
            onClick={() => onChoice(value as FileChoice)}
            className={clsx(
              'h-6 rounded-sm px-2 text-xs coarse:h-11',
              value === choice ? 'bg-raised font-medium' : 'text-muted hover:text-text',
            )}
          >
            {word}
          </button>
        ))}
      </fieldset>
      <ul className="max-h-[70dvh] overflow-y-auto">
        {tree.map(
          node =>
            !isInFolded(node) && (
              <li key={`${node.kind} ${node.path}`}>
                <TreeRow
                  node={node}
                  isFolded={folded.has(node.path)}
                  isChosen={node.path === chosen}
                  isViewed={viewed.has(node.path)}
                  onPress={() => {
                    if (node.kind === 'file') return onChoose(node.path)
                    const next = new Set(folded)
                    if (!next.delete(node.path)) next.add(node.path)
                    setFolded(next)
                  }}
                />
              </li>
            ),
        )}
      </ul>
      {shown.length === 0 && (
        <p className="px-1.5 py-1 text-muted">
          {choice === 'tests' ? 'No test was changed.' : 'Nothing but tests was changed.'}
        </p>
      )}
      {hidden > 0 && <p className="px-2 py-1 text-muted">and {count(hidden, 'more file')}</p>}
    </nav>
  )
}

function TreeRow({
  node,
  isFolded,
  isChosen,
  isViewed,
  onPress,
}: {
  node: TreeNode
  isFolded: boolean
  isChosen: boolean
  isViewed: boolean
  onPress(): void
}) {
  const Chevron = isFolded ? ChevronRight : ChevronDown
  return (
    <button
      type="button"
      aria-pressed={node.kind === 'file' ? isChosen : undefined}
      aria-expanded={node.kind === 'folder' ? !isFolded : undefined}
      title={visible(node.path.slice(0, 500))}
      onClick={onPress}
      className={clsx(
        'flex h-7 w-full items-center gap-2 rounded-md px-1.5 text-left outline-offset-[-2px] coarse:h-11',
        isChosen ? 'bg-raised' : 'hover:bg-panel',
      )}
    >
      <span className={clsx('flex shrink-0', INDENT[Math.min(node.depth, INDENT.length - 1)])}>
        {node.kind === 'folder' ? (
          <Chevron aria-hidden className="size-3 text-muted" />
        ) : (
          <FileSign status={node.file.status} />
        )}
      </span>
      <FileName
        path={node.name}
        className={clsx(
          'min-w-0 flex-1 truncate font-mono text-mono',
          (node.kind === 'folder' || isViewed) && 'text-muted',
        )}
      />
      {isViewed && (
        <>
          <Check aria-hidden className="size-3 shrink-0 text-ok" />
          <span className="sr-only">viewed</span>
        </>
      )}
      {node.kind === 'file' && node.file.binary ? (
        <span className="text-xs text-muted">bin</span>
      ) : (
        <PlusMinus {...node} />
      )}
    </button>
  )
}
