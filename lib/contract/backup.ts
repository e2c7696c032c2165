import { z } from 'zod'
import { endpoint } from './endpoint.ts'

export const BackupRequest = z
  .strictObject({
    file: z.string().min(1).max(4096).meta({ description: 'Absolute path on the machine of the server' }),
    force: z.boolean().default(false).meta({ description: 'Replace a file that is there' }),
  })
  .meta({ id: 'BackupRequest' })
export type BackupRequest = z.infer<typeof BackupRequest>

export const Backup = z
  .object({
    file: z.string(),
    bytes: z.number().int(),
    runs: z.number().int(),
    events: z.number().int(),
    duration_ms: z.number(),
  })
  .meta({ id: 'Backup' })
export type Backup = z.infer<typeof Backup>

export const createBackup = endpoint({
  id: 'createBackup',
  method: 'POST',
  path: '/api/backup',
  tag: 'server',
  summary: 'Write a consistent copy of the database to a new file, while everything goes on',
  body: BackupRequest,
  response: Backup,
  status: 201,
  errors: ['invalid', 'bad_json', 'not_json', 'conflict', 'disk_full'],
})
