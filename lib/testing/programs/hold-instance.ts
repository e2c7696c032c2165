// Holds a data directory as a server does and prints how the last one ended; ends in order at the first input.
// Usage: hold-instance.ts <data directory> <address, or nothing>
import { openInstance } from '#lib/store/instance'

const [dataDir = '', address = ''] = process.argv.slice(2)
try {
  const instance = await openInstance(dataDir, '1.2.3')
  if (address) await instance.announce(address)
  process.stdout.write(`holding ${instance.previous}\n`)
  process.stdin.once('data', async () => {
    await instance.close({ clean: true })
    process.exit(0)
  })
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exit(1)
}
