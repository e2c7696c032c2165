import { handleResumeRun } from '#lib/api/handlers/resume-run'
import { route } from '#lib/api/route'

export const POST = route(handleResumeRun)
