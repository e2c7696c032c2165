// Which files of a diff somebody has looked at, as they were then: one that changes again is not viewed any more. Pure.
import type { DiffFile } from '../../_ui/diff/parse-patch.ts'

/** Of a run; the oldest are forgotten. */
const MOST = 1000

/** Two files with the same name and the same changed lines have the same; others, as good as never. */
export function digestOf(file: DiffFile): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  const add = (text: string) => {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      a = Math.imul(a ^ code, 2654435761)
      b = Math.imul(b ^ code, 1597334677)
    }
  }
  add(`${file.path}\n${file.oldPath}\n${file.status}\n${file.modeChange}\n${file.isBinary}`)
  for (const hunk of file.hunks) for (const line of hunk.lines) add(`\n${line.kind}${line.text}`)
  return (a >>> 0).toString(36) + (b >>> 0).toString(36)
}

export function readViewed(kept: string): string[] {
  try {
    const value: unknown = JSON.parse(kept)
    return Array.isArray(value) ? value.filter(one => typeof one === 'string').slice(-MOST) : []
  } catch {
    return [] // not what we wrote
  }
}

export function withViewed(viewed: readonly string[], digest: string, isViewed: boolean): string[] {
  const others = viewed.filter(one => one !== digest)
  return isViewed ? [...others, digest].slice(-MOST) : others
}
