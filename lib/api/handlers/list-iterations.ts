import { listIterations } from '#lib/contract/run-history'
import { handler } from '../route.ts'

export const handleListIterations = handler(listIterations, ({ params, runtime }) =>
  runtime.runs.iterations(params.run_id),
)
