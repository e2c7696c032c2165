import { handleRerunRun } from '#lib/api/handlers/rerun-run'
import { route } from '#lib/api/route'

export const POST = route(handleRerunRun)
