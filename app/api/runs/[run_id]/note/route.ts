import { handleAddNote } from '#lib/api/handlers/add-note'
import { route } from '#lib/api/route'

export const POST = route(handleAddNote)
