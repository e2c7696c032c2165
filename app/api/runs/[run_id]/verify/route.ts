import { handleVerifyRun } from '#lib/api/handlers/verify-run'
import { route } from '#lib/api/route'

export const POST = route(handleVerifyRun)
