import { handleConfigureRun } from '#lib/api/handlers/configure-run'
import { route } from '#lib/api/route'

export const PATCH = route(handleConfigureRun)
