import { listLogs } from '#lib/contract/server'
import { handler } from '../route.ts'

export const handleListLogs = handler(listLogs, ({ query, runtime }) => runtime.logs(query))
