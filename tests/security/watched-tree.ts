// Folders that nobody may change, as they are: names, kinds, permissions and content of everything below.
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'

export type Tree = Map<string, string>

export function lookAt(...places: string[]): Tree {
  const tree: Tree = new Map()
  const add = (place: string) => {
    const found = lstatSync(place, { throwIfNoEntry: false })
    if (!found) return
    const mode = found.mode.toString(8)
    if (found.isDirectory()) {
      tree.set(place, mode)
      for (const name of readdirSync(place)) add(path.join(place, name))
    } else if (found.isSymbolicLink()) tree.set(place, `${mode} ${readlinkSync(place)}`)
    else if (found.isFile())
      tree.set(place, `${mode} ${createHash('sha256').update(readFileSync(place)).digest('hex')}`)
    else tree.set(place, mode)
  }
  places.forEach(add)
  return tree
}

/** Paths that are different, new or gone. */
export const differences = (before: Tree, after: Tree): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter(place => before.get(place) !== after.get(place))
