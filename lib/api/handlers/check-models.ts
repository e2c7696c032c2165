import { checkModels } from '#lib/contract/models'
import { handler } from '../route.ts'

export const handleCheckModels = handler(checkModels, ({ body, runtime }) =>
  runtime.models.check(body.provider),
)
