// SQLite's locks and log do not hold on network file systems: databases there get damaged sooner or later.
import { statfs } from 'node:fs/promises'
import { StartRefused } from './start-refused.ts'

/** The `f_type` of Linux, see statfs(2). Elsewhere the numbers mean other things and nothing is said. */
const NETWORK: Record<number, string> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB2',
  1397113167: 'AFS',
  1799439955: 'AFS',
  1937076805: 'Coda',
}
const DOUBTFUL: Record<number, string> = {
  1702057286: 'FUSE',
  16914839: '9p',
  12805120: 'Ceph',
}

interface Options {
  /** The person who starts the server insists. */
  allowNetwork: boolean
  log(level: 'warn', message: string, data: Record<string, unknown>): void
  /** Only tests give another. */
  typeOf?: (dataDir: string) => Promise<number>
}

/** Rejects with StartRefused on a network file system. */
export async function checkFileSystem(dataDir: string, { allowNetwork, log, typeOf = linuxType }: Options) {
  const type = await typeOf(dataDir)
  const network = NETWORK[type]
  if (network && !allowNetwork) {
    throw new StartRefused(
      `the data directory ${dataDir} is on a network file system (${network}), where databases get damaged; use a local one with --data-dir, or set RETRAI_ALLOW_NETWORK_FS=1 to use it all the same`,
    )
  }
  const name = network ?? DOUBTFUL[type]
  if (name)
    log('warn', `the data directory is on ${name}; a local file system is safer`, { data_dir: dataDir })
}

async function linuxType(dataDir: string): Promise<number> {
  if (process.platform !== 'linux') return 0
  return (await statfs(dataDir)).type >>> 0 // the magic numbers above 2³¹ can come signed
}
