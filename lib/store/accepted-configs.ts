// Which settings of projects somebody has accepted: by their place and their content, so that neither another file nor a change of this
// one is taken for it. One small file beside the database.
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { createTurns } from '#lib/turns'
import { syncFolder, writeDurably } from '#lib/write-durably'

export interface ConfigId {
  /** Real, absolute. */
  path: string
  sha256: string
}

export interface AcceptedConfigs {
  isAccepted(config: ConfigId): Promise<boolean>
  /** Accepted, and kept over restarts and power cuts, when it resolves. */
  accept(config: ConfigId, by: string): Promise<void>
}

const Kept = z.object({
  accepted: z.array(z.object({ path: z.string(), sha256: z.string(), at: z.string(), by: z.string() })),
})
type Kept = z.infer<typeof Kept>

/** Of one project; the oldest are forgotten, and asked about again. */
const KEPT_PER_PATH = 50
const KEPT = 5000

export function createAcceptedConfigs(dataDir: string): AcceptedConfigs {
  const file = path.join(dataDir, 'accepted-configs.json')
  const inTurn = createTurns()

  async function read(): Promise<Kept['accepted']> {
    const text = await readFile(file, 'utf8').catch(() => null)
    if (text === null) return []
    try {
      return Kept.parse(JSON.parse(text)).accepted
    } catch {
      return [] // damaged: everything is asked about again
    }
  }
  const isSame = (one: ConfigId, other: ConfigId) => one.path === other.path && one.sha256 === other.sha256

  return {
    isAccepted: async config => (await read()).some(one => isSame(one, config)),
    accept: (config, by) =>
      inTurn(async () => {
        const before = await read()
        if (before.some(one => isSame(one, config))) return
        const here = before.filter(one => one.path === config.path).slice(-KEPT_PER_PATH + 1)
        const others = before.filter(one => one.path !== config.path).slice(-KEPT)
        const { path: place, sha256 } = config
        const accepted = [...others, ...here, { path: place, sha256, at: new Date().toISOString(), by }]
        await mkdir(dataDir, { recursive: true })
        await writeDurably(file, `${JSON.stringify({ accepted }, null, 1)}\n`)
        await syncFolder(dataDir)
      }),
  }
}
