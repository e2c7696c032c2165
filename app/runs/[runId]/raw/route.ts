import { rawLog } from '#lib/api/raw-log'

export const GET = rawLog
