import { getEvidence } from '#lib/contract/evidence'
import { handler } from '../route.ts'

export const handleGetEvidence = handler(getEvidence, async ({ params, query, runtime }) =>
  // It comes with a diff of the project as it is.
  runtime.redact(await runtime.runs.evidence(params.run_id, query)),
)
