// Finds the server over a data directory from outside, also while it is starting and nobody has its process id yet.
import { readdir, readFile } from 'node:fs/promises'

export async function serverProcess(dataDir: string): Promise<number | null> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '')
    if (!line.split('\0').some(part => part.endsWith('server.mjs'))) continue
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '')
    if (environment.split('\0').includes(`RETRAI_DATA_DIR=${dataDir}`)) return Number(name)
  }
  return null
}
