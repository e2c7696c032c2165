import { handleCreateBackup } from '#lib/api/handlers/create-backup'
import { route } from '#lib/api/route'

export const POST = route(handleCreateBackup)
