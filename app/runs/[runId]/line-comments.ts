// Comments on lines of a diff, kept until they are sent to the agent as one note. Pure.
import type { LineComment } from '../../_ui/diff/diff-tools.ts'

const MOST = 200
/** A note takes no more. */
const MAX_NOTE = 65_000

export function readComments(kept: string): LineComment[] {
  try {
    const value: unknown = JSON.parse(kept)
    return Array.isArray(value) ? value.filter(isComment).slice(-MOST) : []
  } catch {
    return [] // not what we wrote
  }
}

function isComment(value: unknown): value is LineComment {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map(Object.entries(value))
  return ['id', 'path', 'at', 'code', 'text'].every(name => typeof fields.get(name) === 'string')
}

/** As the agent reads them: where, which line, what is said. */
export function commentsNote(comments: readonly LineComment[]): string {
  const parts = comments.map(({ path, at, code, text }) => {
    const line = at.slice(1)
    const place = at.startsWith('B') ? `${path}, line ${line} before the change` : `${path}:${line}`
    return `${place}\n> ${code.trim()}\n${text}`
  })
  return `Comments on the changes:\n\n${parts.join('\n\n')}`.slice(0, MAX_NOTE)
}
