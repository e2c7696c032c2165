// Whether files are the same after a check as before it: what rewrites a test while it runs could make it pass.
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'

type State = string
export type States = ReadonlyMap<string, State>

/** Cheap: no content is read. The time of the last change cannot be set by a program, unlike that of modification. */
export async function statesOf(root: string, paths: readonly string[]): Promise<States> {
  const states = new Map<string, State>()
  for (let start = 0; start < paths.length; start += 200) {
    const part = paths.slice(start, start + 200)
    const found = await Promise.all(part.map(path => stateOf(join(root, path))))
    for (const [index, path] of part.entries()) states.set(path, found[index]!)
  }
  return states
}

export const differing = (before: States, after: States): string[] =>
  [...before].filter(([path, state]) => after.get(path) !== state).map(([path]) => path)

async function stateOf(full: string): Promise<State> {
  try {
    const { ino, size, mtimeNs, ctimeNs, mode } = await lstat(full, { bigint: true })
    return [ino, size, mtimeNs, ctimeNs, mode].join(' ')
  } catch {
    return 'none'
  }
}
