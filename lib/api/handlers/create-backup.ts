import { createBackup } from '#lib/contract/backup'
import { handler } from '../route.ts'

export const handleCreateBackup = handler(createBackup, ({ body, runtime, request }) =>
  runtime.backup(body, { signal: request.signal }),
)
