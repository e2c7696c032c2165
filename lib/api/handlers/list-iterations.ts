import { listIterations } from '#lib/contract/runs'
import { handler } from '../route.ts'

export const handleListIterations = handler(listIterations, ({ params, runtime }) =>
  runtime.runs.iterations(params.run_id),
)
