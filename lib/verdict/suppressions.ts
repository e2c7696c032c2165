// A finding that is silenced is not repaired: counts the comments and settings that silence a linter or type checker.

import type { Flag } from '../contract/events/shared.ts'
import { matcherOf } from '../workspace/match-paths.ts'
import type { Workspace } from '../workspace/workspace.ts'

interface Trees {
  workspace: Workspace
  base: string
  tree: string
  signal: AbortSignal
}

const MOST_FILES = 2000
const MOST_PLACES = 20

/** More lines that silence a finding than at the start, outside of tests. A line that moved is the same line. */
export async function suppressionFlags(
  { workspace, base, tree, signal }: Trees,
  silences: RegExp,
  tests: string[],
): Promise<Flag[]> {
  const isTest = matcherOf(tests)
  const places: { path: string; line: number; text: string }[] = []
  let before = 0
  for (const { path, status } of (await workspace.changes(base, tree, signal)).slice(0, MOST_FILES)) {
    if (isTest(path)) continue
    if (status !== 'added') before += linesThat(silences, await workspace.fileAt(base, path)).length
    if (status === 'deleted') continue
    const found = linesThat(silences, await workspace.fileAt(tree, path))
    places.push(...found.map(one => ({ path, ...one })))
  }
  const added = places.length - before
  if (added <= 0) return []
  const shown = places
    .slice(0, MOST_PLACES)
    .map(({ path, line }) => `${path}:${line}`)
    .join(', ')
  return [
    {
      code: 'suppression_added',
      path: places[0]?.path ?? null,
      detail: `${added} more ${added === 1 ? 'finding is' : 'findings are'} silenced than at the start, in ${shown}.`,
      blocks: true,
    },
  ]
}

function linesThat(silences: RegExp, content: Buffer | null): { line: number; text: string }[] {
  if (content === null || content.subarray(0, 8000).includes(0)) return []
  return content
    .toString('utf8')
    .split('\n')
    .flatMap((text, index) => (text.length < 2000 && silences.test(text) ? [{ line: index + 1, text }] : []))
}
