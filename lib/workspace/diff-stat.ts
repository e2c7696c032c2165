// Reads what `git diff-tree -z --raw --numstat` prints.
import type { DiffStat } from '../contract/events/shared.ts'
import type { FileChange, SnapshotFile } from './workspace.ts'

const MAX_LISTED = 500
type ByFile = DiffStat['by_file'][number]

/** Of `--raw --numstat -z`, with renames. */
export function parseStat(output: Buffer): DiffStat {
  const fields = output.toString('utf8').split('\0')
  const statuses = new Map<string, ByFile['status']>()
  const files: ByFile[] = []
  let at = 0
  for (; fields[at]?.startsWith(':'); ) {
    const letter = fields[at]!.split(' ')[4]?.[0]
    const renamed = letter === 'R' || letter === 'C'
    const path = fields[at + (renamed ? 2 : 1)] ?? ''
    statuses.set(path, statusOf(letter))
    at += renamed ? 3 : 2
  }
  while (at < fields.length) {
    const [added, deleted, ...rest] = (fields[at] ?? '').split('\t')
    if (added === undefined || deleted === undefined) break
    // A name may contain tabs. An empty one announces a rename: the old and the new name follow.
    const single = rest.join('\t')
    const path = single === '' ? (fields[at + 2] ?? '') : single
    at += single === '' ? 3 : 1
    files.push({
      path,
      status: statuses.get(path) ?? 'modified',
      insertions: added === '-' ? 0 : Number(added),
      deletions: deleted === '-' ? 0 : Number(deleted),
      binary: added === '-',
    })
  }
  return {
    files: files.length,
    insertions: files.reduce((sum, file) => sum + file.insertions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    by_file: files.slice(0, MAX_LISTED),
  }
}

/** Of `--raw -z --no-renames`. */
export function parseChanges(output: Buffer): FileChange[] {
  const fields = output.toString('utf8').split('\0')
  const found: FileChange[] = []
  for (let at = 0; fields[at]?.startsWith(':'); at += 2) {
    const [oldMode, , , , letter] = fields[at]!.slice(1).split(' ')
    found.push({
      path: fields[at + 1] ?? '',
      status: letter === 'A' ? 'added' : letter === 'D' ? 'deleted' : 'modified',
      mode: oldMode ?? '000000',
    })
  }
  return found
}

function statusOf(letter: string | undefined): ByFile['status'] {
  switch (letter) {
    case 'A':
    case 'C':
      return 'added'
    case 'D':
      return 'deleted'
    case 'R':
      return 'renamed'
    default:
      return 'modified'
  }
}

/** What `git ls-tree -r -z` prints: `mode type id<TAB>path`, each ended by NUL. */
export function parseFiles(listed: Buffer): SnapshotFile[] {
  return listed
    .toString('utf8')
    .split('\0')
    .flatMap(line => {
      const match = /^(\d+) blob ([0-9a-f]+)\t(.+)$/s.exec(line)
      return match ? [{ mode: match[1]!, blob: match[2]!, path: match[3]! }] : []
    })
}
