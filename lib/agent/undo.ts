// «Undo this iteration»: a person has looked at what an attempt changed and wants it gone. The decision is stored before anything is
// touched, and putting back is safe to do again, so that a server that dies in between simply does it again.
import type { NewEvent } from '#lib/contract/event'
import type { AgentDeps } from './deps.ts'

const LISTED = 100

export async function undoIteration(deps: AgentDeps): Promise<void> {
  const { state, workspace, sensitive } = deps
  const { iteration, undoing } = state
  const { from, to } = undoing! // the phase says that there is one
  // To its end, also when the run is aborted meanwhile: nobody wants half of it.
  const { tree, restored, left } = await workspace.restore(from, to)
  const isBack = new Set(restored)
  // What it made of sensitive files went with the rest; what became of others meanwhile is told as always.
  const seen = (await sensitive.look()).filter(({ path }) => !isBack.has(path))
  // Told during the iteration, and still there: no gate to come may forget it.
  const stay = state.sensitive.filter(
    one =>
      !isBack.has(one.path) &&
      !state.before?.sensitive.includes(one) &&
      !seen.some(({ path }) => path === one.path),
  )
  const total = state.base && tree ? await workspace.diff(state.base, tree, { maxPatchBytes: 0 }) : null
  await deps.emit([
    {
      kind: 'iteration_undone',
      iteration,
      payload: {
        iteration,
        files: restored.length,
        left: left.slice(0, LISTED),
        tree,
        tests: testsOf(state.before?.lastCheck?.tests ?? null),
        total_diff_stat: total?.stat ?? null,
      },
    },
    ...stay.map((payload): NewEvent => ({ kind: 'sensitive_change', iteration, payload })),
    ...seen.map(
      (change): NewEvent => ({
        kind: 'sensitive_change',
        iteration,
        payload: { ...change, tool: null, call_id: null },
      }),
    ),
  ])
  await sensitive.settle()
}

const testsOf = (tests: { failed: number; total: number } | null) =>
  tests && { failed: tests.failed, total: tests.total }
