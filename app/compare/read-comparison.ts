// What the page of a comparison is made of, read from the runtime while the page is rendered.
import { type ComparedRun, type ComparedTests, compareTests } from '#lib/client/compare-runs'
import type { CompareUrl } from '#lib/client/compare-url'
import { isFinal } from '#lib/client/status'
import { isAppError } from '#lib/errors'
import { runtime } from '#lib/runtime'

export interface Comparison {
  a: ComparedRun | null
  b: ComparedRun | null
  tests: ComparedTests | null
}

export async function readComparison({ a, b }: CompareUrl): Promise<Comparison> {
  const [first, second] = await Promise.all([readOne(a), readOne(b)])
  if (!first || !second) return { a: first, b: second, tests: null }
  const [inA, inB] = await Promise.all([casesOf(first), casesOf(second)])
  return { a: first, b: second, tests: compareTests(inA, inB) }
}

/** null: not named, or not known here. */
async function readOne(runId: string | null): Promise<ComparedRun | null> {
  if (runId === null) return null
  const { runs } = runtime()
  try {
    const [run, iterations, edges] = await Promise.all([
      runs.get(runId),
      runs.iterations(runId),
      runs.events(runId, { kind: 'run_start,run_end', limit: 10 }),
    ])
    const start = edges.find(event => event.kind === 'run_start')
    const end = edges.findLast(event => event.kind === 'run_end')
    return {
      run,
      iterations,
      base: start?.kind === 'run_start' ? (start.payload.base ?? null) : null,
      duration_ms: end?.kind === 'run_end' && isFinal(run.status) ? end.payload.duration_ms : null,
    }
  } catch (error) {
    if (isAppError(error) && error.code === 'run_not_found') return null
    throw error
  }
}

async function casesOf({ run }: ComparedRun) {
  const held = runtime()
  try {
    const evidence = await held.runs.evidence(run.run_id, {})
    return held.redact(evidence.tests?.cases ?? [])
  } catch (error) {
    if (isAppError(error) && error.code === 'not_found') return []
    throw error
  }
}
