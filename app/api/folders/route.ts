import { handleListFolders } from '#lib/api/handlers/list-folders'
import { route } from '#lib/api/route'

export const GET = route(handleListFolders)
