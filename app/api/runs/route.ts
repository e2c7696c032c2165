import { handleListRuns } from '#lib/api/handlers/list-runs'
import { handleStartRun } from '#lib/api/handlers/start-run'
import { route } from '#lib/api/route'

export const GET = route(handleListRuns)
export const POST = route(handleStartRun)
