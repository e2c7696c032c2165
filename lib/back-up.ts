// The program behind `retrai backup` where no server runs: reads the database, starts nothing, answers with one line of JSON.
// Usage: back-up.mjs <file> [--force], with the data directory in RETRAI_DATA_DIR
import { existsSync } from 'node:fs'
import path from 'node:path'
import { readDataDir } from './config.ts'
import { isAppError, messageOf } from './errors.ts'
import { copyClosed, createBackups } from './store/backup.ts'
import { openInstance } from './store/instance.ts'
import { StartRefused } from './store/start-refused.ts'

async function backUp(file: string, force: boolean) {
  const dataDir = readDataDir()
  const database = path.join(dataDir, 'retrai.db')
  if (!existsSync(database)) {
    throw new StartRefused(`there is no database in ${dataDir}; name the data directory with --data-dir`)
  }
  const instance = await openInstance(dataDir, 'backup')
  try {
    return await createBackups({ dataDir, copyInto: copyClosed(database) })({ file, force })
  } finally {
    // The next server must hear how the last one ended, not of us.
    await instance.close({ clean: instance.previous === 'clean' })
  }
}

const [file = '', force] = process.argv.slice(2)
try {
  console.log(JSON.stringify({ backup: await backUp(file, force === '--force') }))
} catch (error) {
  console.log(
    JSON.stringify({
      error: { code: isAppError(error) ? error.code : 'internal', message: messageOf(error) },
    }),
  )
  process.exitCode = 1
}
