'use client'
import { useMemo } from 'react'
import { useStored } from '../../_hooks/use-stored.ts'
import type { DiffTools, LineComment } from '../../_ui/diff/diff-tools.ts'
import { placeText, readPlace } from '../../_ui/diff/line-place.ts'
import { readComments } from './line-comments.ts'
import type { ChangeUrl } from './run-url.ts'
import { digestOf, readViewed, withViewed } from './viewed-files.ts'

/** What a person does with a run's diff: kept in this browser, per run. */
export function useDiffTools(
  runId: string,
  file: string | null,
  paths: readonly string[],
  change: ChangeUrl,
): DiffTools & { clearComments(gone: readonly LineComment[]): void } {
  const [viewedText, setViewed] = useStored(`retrai.viewed.${runId}`, '[]')
  const [commentsText, setComments] = useStored(`retrai.comments.${runId}`, '[]')
  const viewed = useMemo(() => readViewed(viewedText), [viewedText])
  const comments = useMemo(() => readComments(commentsText), [commentsText])
  const place = readPlace(file, paths)
  return {
    at: place?.at ? { path: place.path, line: place.at } : null,
    onLine: (path, line) => change({ file: placeText({ path, at: line }) }),
    isViewed: shown => viewed.includes(digestOf(shown)),
    onViewed: (shown, isViewed) => setViewed(JSON.stringify(withViewed(viewed, digestOf(shown), isViewed))),
    comments,
    onComment: comment =>
      setComments(JSON.stringify([...comments, { ...comment, id: `${Date.now()}-${comments.length}` }])),
    onRemove: id => setComments(JSON.stringify(comments.filter(comment => comment.id !== id))),
    clearComments: gone =>
      setComments(JSON.stringify(comments.filter(({ id }) => !gone.some(one => one.id === id)))),
  }
}
