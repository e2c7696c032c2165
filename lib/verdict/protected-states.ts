// What became of the protected files for a check: the list that goes with the evidence.
import type { Flag } from '#lib/contract/events/shared'
import type { CheckEvidence } from '#lib/contract/evidence'
import type { Protect } from '#lib/contract/runs'
import { matcherOf } from '#lib/workspace/match-paths'
import type { Workspace } from '#lib/workspace/workspace'
import { MAX_PROTECTED } from './evidence.ts'

type States = Pick<CheckEvidence, 'protected' | 'protected_total'>

const ABOUT_FILES = new Set<Flag['code']>(['protected_changed', 'protected_deleted', 'tool_shadowed'])

export async function protectedStates({
  workspace,
  base,
  patterns,
  protect,
  flags,
  signal,
}: {
  workspace: Workspace
  base: string | null
  patterns: string[]
  protect: Protect
  flags: Flag[]
  signal: AbortSignal
}): Promise<States> {
  if (base === null || protect === 'off') return { protected: [], protected_total: 0 }
  const isMatch = matcherOf(patterns)
  const touched = new Set(
    flags.flatMap(({ code, path }) => (path !== null && ABOUT_FILES.has(code) ? [path] : [])),
  )
  const files = await workspace.filesIn(base, signal)
  const before = new Map(files.map(({ path, blob }) => [path, blob]))
  const paths = new Set([...files.map(({ path }) => path).filter(path => isMatch(path)), ...touched])
  const all = [...paths].toSorted().map(path => {
    const blob = before.get(path) ?? null
    return { path, blob, state: stateOf(touched.has(path), blob, protect) }
  })
  // Of very many, those that were touched come first.
  const kept = [
    ...all.filter(one => one.state !== 'unchanged'),
    ...all.filter(one => one.state === 'unchanged'),
  ]
  return { protected: kept.slice(0, MAX_PROTECTED), protected_total: all.length }
}

function stateOf(
  isTouched: boolean,
  blob: string | null,
  protect: Protect,
): States['protected'][number]['state'] {
  if (!isTouched) return 'unchanged'
  if (protect === 'report') return 'changed'
  return blob === null ? 'removed' : 'restored'
}

/** Whether a file belongs to the check, as its evidence says. */
export const isProtected = (evidence: CheckEvidence, path: string) =>
  evidence.protected.some(file => file.path === path)
