// What a page may do with a diff beyond showing it. The gate and the comparison only show.
import type { DiffFile } from './parse-patch.ts'

export interface LineComment {
  id: string
  path: string
  /** `L42`, see line-place.ts. */
  at: string
  /** The line it is about. */
  code: string
  text: string
}

export interface DiffTools {
  /** The line that is chosen. */
  at: { path: string; line: string } | null
  onLine(path: string, line: string): void
  isViewed(file: DiffFile): boolean
  onViewed(file: DiffFile, viewed: boolean): void
  comments: readonly LineComment[]
  onComment(comment: Omit<LineComment, 'id'>): void
  onRemove(id: string): void
}
