// A module in a folder of tests that takes the name of one of the project: the tests that import it would test that one instead.
import { posix } from 'node:path'
import type { ProjectAtStart } from './project-at-start.ts'

const MAX_TESTS = 500

/** `added`: files that the run put into protected folders. Only names that the tests of the start import are taken from them. */
export async function shadowsOf(
  added: string[],
  start: ProjectAtStart,
): Promise<{ path: string; detail: string }[]> {
  const found: { path: string; detail: string }[] = []
  for (const path of added.filter(one => one.endsWith('.py'))) {
    const module = moduleName(path)
    if (module === null) continue
    const folder = folderOf(path)
    const real = [...start.paths].find(
      one => one !== path && one.endsWith('.py') && moduleName(one) === module && folderOf(one) !== folder,
    )
    if (real && (await isImported(module, start)))
      found.push({ path, detail: `${path} was added and has the name of ${real}, which the tests import` })
  }
  return found
}

/** What it is imported as where its folder is searched; null for a test, and for what is read by its place. */
function moduleName(path: string): string | null {
  const name = posix.basename(path, '.py')
  if (name === '__init__') return posix.basename(posix.dirname(path))
  return /^test_|_test$|^conftest$|^__main__$/.test(name) ? null : name
}

const folderOf = (path: string) =>
  posix.dirname(posix.basename(path) === '__init__.py' ? posix.dirname(path) : path)

async function isImported(module: string, start: ProjectAtStart): Promise<boolean> {
  const pattern = new RegExp(`^\\s*(?:from|import)\\s+(?:[\\w., ]+,\\s*)?${module}\\b`, 'm')
  const tests = [...start.paths].filter(path =>
    /(^|\/)(test_[^/]*|[^/]*_test|conftest)\.py$|(^|\/)tests?\/.*\.py$/.test(path),
  )
  for (const path of tests.slice(0, MAX_TESTS)) if (pattern.test((await start.text(path)) ?? '')) return true
  return false
}
