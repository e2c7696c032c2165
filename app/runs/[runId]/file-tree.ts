// The changed files as a tree, in the order it is read: folders first, each before what is in it. Pure.
import type { DiffStat } from '#lib/contract/events/shared'

export type ChangedFile = DiffStat['by_file'][number]

export type TreeNode = {
  /** Of the folder or the file. */
  path: string
  name: string
  depth: number
  insertions: number
  deletions: number
} & ({ kind: 'folder'; files: number } | { kind: 'file'; file: ChangedFile })

interface Folder {
  path: string
  folders: Map<string, Folder>
  files: ChangedFile[]
}

export function fileTree(files: readonly ChangedFile[]): TreeNode[] {
  const root: Folder = { path: '', folders: new Map(), files: [] }
  for (const file of files) {
    const names = file.path.split('/')
    let folder = root
    for (const name of names.slice(0, -1)) {
      const path = folder.path === '' ? name : `${folder.path}/${name}`
      const inside = folder.folders.get(name) ?? { path, folders: new Map(), files: [] }
      folder.folders.set(name, inside)
      folder = inside
    }
    folder.files.push(file)
  }
  return nodesOf(root, 0)
}

function nodesOf(folder: Folder, depth: number): TreeNode[] {
  const nodes: TreeNode[] = []
  for (const [name, inside] of [...folder.folders].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { folder: deepest, name: joined } = onlyFolders(inside, name)
    const below = nodesOf(deepest, depth + 1)
    const own = below.filter(node => node.kind === 'file')
    nodes.push({
      kind: 'folder',
      path: deepest.path,
      name: joined,
      depth,
      files: own.length,
      insertions: own.reduce((sum, node) => sum + node.insertions, 0),
      deletions: own.reduce((sum, node) => sum + node.deletions, 0),
    })
    nodes.push(...below)
  }
  for (const file of folder.files.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    nodes.push({
      kind: 'file',
      path: file.path,
      name: file.path.slice(file.path.lastIndexOf('/') + 1),
      depth,
      insertions: file.insertions,
      deletions: file.deletions,
      file,
    })
  return nodes
}

/** A folder with nothing but one folder in it is shown as one with that. */
function onlyFolders(folder: Folder, name: string): { folder: Folder; name: string } {
  const [only] = folder.folders
  if (!only || folder.folders.size > 1 || folder.files.length > 0) return { folder, name }
  return onlyFolders(only[1], `${name}/${only[0]}`)
}
