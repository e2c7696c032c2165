import { listModels } from '#lib/contract/models'
import { handler } from '../route.ts'

export const handleListModels = handler(listModels, ({ runtime }) => runtime.models.list())
