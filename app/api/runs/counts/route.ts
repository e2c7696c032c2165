import { handleCountRuns } from '#lib/api/handlers/count-runs'
import { route } from '#lib/api/route'

export const GET = route(handleCountRuns)
