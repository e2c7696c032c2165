import { handleListGates } from '#lib/api/handlers/list-gates'
import { route } from '#lib/api/route'

export const GET = route(handleListGates)
