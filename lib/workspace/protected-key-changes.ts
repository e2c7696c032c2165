// Single keys of files that hold other things too: a package.json's test script, a pyproject.toml's pytest settings.
import type { Flag } from '../contract/events/shared.ts'
import { readFileInside } from './files.ts'
import { readKeyed, sameKey } from './keyed-files.ts'
import { matcherOf, negated } from './match-paths.ts'
import { type Changed, consequence, type ProtectedFilesOptions, type ProtectedKey } from './protection.ts'
import type { FileChange } from './workspace.ts'

/** `whole`: files that are put back as a whole. */
export async function keyChanges<T>(
  options: ProtectedFilesOptions<T>,
  changes: FileChange[],
  whole: ReadonlySet<string>,
): Promise<Changed[]> {
  const isAllowed = matcherOf(negated(options.patterns))
  const found: Changed[] = []
  for (const [file, paths] of filesOf(options.keys, changes)) {
    if (whole.has(file) || isAllowed(file)) continue
    const changed = await compareKeys(options, file, paths)
    if (changed) found.push(changed)
  }
  return found
}

/** Only files that changed can have other keys. One that .gitignore hides is no file of the project, but is named without a glob. */
function filesOf(keys: ProtectedKey[], changes: FileChange[]): Map<string, string[][]> {
  const files = new Map<string, Map<string, string[]>>()
  for (const { file, path } of keys) {
    const names = file.includes('*') ? changes.map(change => change.path).filter(matcherOf([file])) : [file]
    for (const name of names)
      files.set(name, (files.get(name) ?? new Map<string, string[]>()).set(path.join('\0'), path))
  }
  return new Map([...files].map(([name, paths]) => [name, [...paths.values()]]))
}

async function compareKeys<T>(
  { workspace, baseTree, mode }: ProtectedFilesOptions<T>,
  file: string,
  paths: string[][],
): Promise<Changed | null> {
  const base = await workspace.fileAt(baseTree, file)
  const before = readKeyed(file, base?.toString('utf8') ?? emptyOf(file))
  if (!before) return null // Nothing to hold on to.
  const current = await readFileInside(workspace.root, file).catch(() => null)
  if (!current && !base) return null
  const after = current && readKeyed(file, current.content.toString('utf8'))
  if (!current || !after) {
    const isNew = !base
    const detail = isNew
      ? `${file} was added since the run began and cannot be read; ${mode === 'enforce' ? 'the check ran without it.' : 'the check ran with it.'}`
      : `${file} was deleted or can no longer be read; ${consequence(mode)}`
    const flag: Flag = { code: isNew ? 'protected_changed' : 'protected_deleted', path: file, detail }
    return { flags: [flag], version: { path: file, content: base, mode: '100644' } }
  }
  const changed = paths.filter(path => !sameKey(before.get(path), after.get(path)))
  if (changed.length === 0) return null
  const text = after.with(changed.map(path => ({ path, value: before.get(path) })))
  return {
    flags: changed.map(path => ({
      code: 'protected_changed',
      path: file,
      detail: `${path.join('.')} in ${file} was changed since the run began; ${consequence(mode)}`,
    })),
    version: { path: file, content: Buffer.from(text), mode: current.mode & 0o100 ? '100755' : '100644' },
  }
}

const emptyOf = (file: string) => (file.endsWith('.json') ? '{}' : '')
