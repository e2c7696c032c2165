import { getEvidence } from '#lib/contract/evidence'
import { handler } from '../route.ts'

export const handleGetEvidence = handler(getEvidence, ({ params, query, runtime }) =>
  runtime.runs.evidence(params.run_id, query),
)
