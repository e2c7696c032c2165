import { handleListModels } from '#lib/api/handlers/list-models'
import { route } from '#lib/api/route'

export const GET = route(handleListModels)
