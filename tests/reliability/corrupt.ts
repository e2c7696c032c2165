// A damaged database: the server says so and leaves the file alone.
import { createHash } from 'node:crypto'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { startServer, temporaryDirectory } from '#lib/testing/server'
import { openStage } from '#lib/testing/stage'
import { createEndlessWork } from './endless-work.ts'
import { sendNotes, startWaitingRun } from './note-source.ts'
import { createRandom, type Random } from './random.ts'
import type { Scenario } from './scenario.ts'

const SIZES = { quick: { copies: 2, notes: 100 }, full: { copies: 20, notes: 2000 } }
const FLIPS = 100

export const corrupt: Scenario = {
  name: 'corrupt',
  promise: 'A server whose database is damaged does not start, says what to do, and leaves the file as it is',
  async run({ seed, scale, bundle, log }) {
    const size = SIZES[scale]
    const random = createRandom(seed, 'corrupt')
    const broken: string[] = []
    const counts = {
      copies: 0,
      refused: 0,
      'started, the damage was in unused space or in text': 0,
      'files changed': 0,
    }
    let sentence = ''
    const stage = await openStage({ bundle })
    const work = await createEndlessWork(stage)
    try {
      await work.start(1)
      const waiting = await startWaitingRun(stage)
      await sendNotes(stage, [waiting], { isEnough: sent => sent >= size.notes, inFlight: 8, bytes: 1000 })
      broken.push(...(await work.finish()))
      await stage.server.stop()
      for (let number = 1; number <= size.copies; number++) {
        const copy = await temporaryDirectory('retrai-copy-')
        await cp(stage.server.dataDir, copy, { recursive: true })
        const file = path.join(copy, 'retrai.db')
        await flip(file, random)
        const before = await hashOf(file)
        const said = await start(copy, bundle)
        counts.copies++
        if (said === null) counts['started, the damage was in unused space or in text']++
        else {
          counts.refused++
          sentence = /^retrai: (.+)$/m.exec(said)?.[1] ?? ''
          if (!sentence.includes('retrai.db'))
            broken.push(`copy ${number} was refused with: ${said.slice(0, 300)}`)
          if ((await hashOf(file)) !== before) {
            counts['files changed']++
            broken.push(`copy ${number} was refused, and its file was changed`)
          }
        }
        log(`copy ${number}: ${said === null ? 'started' : 'refused'}`)
        await rm(copy, { recursive: true, force: true })
      }
      if (counts.refused === 0) broken.push('no damage was noticed')
      return { figures: { ...counts, 'bytes flipped in each': FLIPS, 'it is told': sentence }, broken }
    } finally {
      await stage.close()
    }
  },
}

async function flip(file: string, random: Random) {
  const bytes = await readFile(file)
  for (let n = 0; n < FLIPS; n++) {
    const at = random.between(0, bytes.length - 1)
    bytes[at] = bytes[at]! ^ random.between(1, 255)
  }
  await writeFile(file, bytes)
}

/** Null when it started, else what it said. */
async function start(dataDir: string, bundle: string | undefined): Promise<string | null> {
  try {
    const server = await startServer({ dataDir, bundle })
    await server.close()
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** `gone` when there is no file. */
const hashOf = (file: string) =>
  readFile(file).then(
    bytes => createHash('sha256').update(bytes).digest('hex'),
    () => 'gone',
  )
