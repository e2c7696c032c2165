import { handleGetEvidence } from '#lib/api/handlers/get-evidence'
import { route } from '#lib/api/route'

export const GET = route(handleGetEvidence)
