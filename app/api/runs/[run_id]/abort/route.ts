import { handleAbortRun } from '#lib/api/handlers/abort-run'
import { route } from '#lib/api/route'

export const POST = route(handleAbortRun)
