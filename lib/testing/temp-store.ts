// A real SQLite file for one test, and the rows and events that tests put into it.
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { openStore } from '#lib/store/store'
import { newRecord } from './records.ts'
import { tempFolder } from './temp-folder.ts'

export const MIGRATIONS = fileURLToPath(new URL('../../prisma/sqlite/migrations', import.meta.url))

/** Opens the file, or a new one. Closed when the test has finished, if it was not closed before. */
export async function openTempStore(
  file = path.join(tempFolder('store'), 'retrai.db'),
  options?: { announced?: readonly string[] },
) {
  const store = await openStore(file, MIGRATIONS, options)
  let isClosed = false
  const close = async () => {
    if (isClosed) return
    isClosed = true
    await store.close()
  }
  onTestFinished(close)
  return {
    ...store,
    file,
    close,
    /** A run that has not begun. */
    async newRun(fields: Parameters<typeof newRecord>[0] = {}) {
      const record = newRecord(fields)
      await store.createRun(record)
      return record
    },
  }
}
