// Opens a database, migrations and all, and says so. Usage: open-store.ts <file> <migrations>
import { openStore } from '#lib/store/store'

const [file = '', migrations = ''] = process.argv.slice(2)
process.stdout.write('opening\n')
const { applied } = await openStore(file, migrations)
process.stdout.write(`applied ${applied.length}\n`)
