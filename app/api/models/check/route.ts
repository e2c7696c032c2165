import { handleCheckModels } from '#lib/api/handlers/check-models'
import { route } from '#lib/api/route'

export const POST = route(handleCheckModels)
