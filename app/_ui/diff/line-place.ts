// The address of a file in a diff, and of a line in it: `src/a.ts#L42`. `L` counts as the file is now, `B` as it was before, for lines
// that are gone.
import type { DiffLine } from './parse-patch.ts'

export interface Place {
  path: string
  /** `L42` or `B42`; null: the file. */
  at: string | null
}

/** A file may have a name that looks like an address: what is in the diff goes first. */
export function readPlace(text: string | null, paths: readonly string[]): Place | null {
  if (text === null || text === '') return null
  if (paths.includes(text)) return { path: text, at: null }
  const [, path, side, line] = /^(.+)#([LB])(\d{1,7})(?:-[LB]?\d{1,7})?$/s.exec(text) ?? []
  return path === undefined ? { path: text, at: null } : { path, at: `${side}${line}` }
}

export const placeText = ({ path, at }: Place): string => (at === null ? path : `${path}#${at}`)

export const atOf = ({ before, after }: DiffLine): string => (after === null ? `B${before}` : `L${after}`)
