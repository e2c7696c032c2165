import { handleStartDemo } from '#lib/api/handlers/start-demo'
import { route } from '#lib/api/route'

export const POST = route(handleStartDemo)
