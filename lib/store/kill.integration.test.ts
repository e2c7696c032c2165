import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { startProgram } from '#lib/testing/program'
import { tempFolder } from '#lib/testing/temp-folder'
import { MIGRATIONS, openTempStore } from '#lib/testing/temp-store'

const KILLS = 10

/** Run id → the largest seq that was printed with this word, whole lines only. */
function printed(out: string, word: string): Map<string, number> {
  const largest = new Map<string, number>()
  for (const line of out.slice(0, out.lastIndexOf('\n') + 1).split('\n')) {
    const [said, runId = '', seq] = line.split(' ')
    if (said === word) largest.set(runId, Math.max(Number(seq), largest.get(runId) ?? 0))
  }
  return largest
}

describe('kill -9', () => {
  it(`loses nothing that was acknowledged or shown, ${KILLS} times over`, { timeout: 180_000 }, async () => {
    const file = path.join(tempFolder('kill'), 'retrai.db')
    const runIds = [randomUUID(), randomUUID(), randomUUID()]
    let acknowledged = 0
    for (let kill = 0; kill < KILLS; kill += 1) {
      const program = startProgram('append-events', [file, MIGRATIONS, runIds.join(',')])
      const lines = 1 + Math.floor(Math.random() * 400)
      await program.until(out => out.split('\n').length > lines)
      await program.kill()

      const store = await openTempStore(file)
      const acks = printed(program.output.out, 'ack')
      const seen = printed(program.output.out, 'seen')
      for (const runId of runIds) {
        const record = await store.getRun(runId)
        const seqs = (await store.readEvents(runId, { limit: 1_000_000 })).map(({ seq }) => seq)
        expect(seqs).toEqual(seqs.map((_, index) => index + 1))
        expect(seqs.length).toBe(record?.lastSeq ?? 0)
        expect(seqs.length).toBeGreaterThanOrEqual(acks.get(runId) ?? 0)
        expect(seqs.length).toBeGreaterThanOrEqual(seen.get(runId) ?? 0)
        acknowledged += acks.get(runId) ?? 0
      }
      await store.close()
    }
    expect(acknowledged).toBeGreaterThan(KILLS)
  })

  it('frees the file at once, which a second process could not open before', async () => {
    const file = path.join(tempFolder('lock'), 'retrai.db')
    const first = startProgram('append-events', [file, MIGRATIONS, randomUUID()])
    await first.until(out => out.includes('ack'))
    const second = startProgram('append-events', [file, MIGRATIONS, randomUUID()])
    expect(await second.exited).not.toBe(0)
    expect(second.output.err).toMatch(/database is locked/)
    expect(second.output.out).toBe('')
    await first.kill()
    const store = await openTempStore(file)
    expect(await store.listUnfinished()).toHaveLength(1)
  })
})
