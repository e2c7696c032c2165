// Appends to three runs as fast as it can and prints each event that was acknowledged (`ack`) or shown to a follower
// (`seen`), until it is killed. Usage: append-events.ts <file> <migrations> <run ids, with commas>
import { createJournal } from '#lib/events/journal'
import { openStore } from '#lib/store/store'
import { logEvent, newRecord } from '../records.ts'

const [file = '', migrations = '', ids = ''] = process.argv.slice(2)

// Writes to a pipe are synchronous: nothing that was said is lost with the process.
const say = (word: string, runId: string, seq: number) => process.stdout.write(`${word} ${runId} ${seq}\n`)

async function appendForever(runId: string) {
  if (!(await store.getRun(runId))) await store.createRun(newRecord({ id: runId }))
  void show(runId)
  for (;;) {
    const batches = [1, 2, 3].map(size => Array.from({ length: size }, () => logEvent('x'.repeat(200))))
    const stored = await Promise.all(batches.map(events => journal.append(runId, events)))
    for (const event of stored.flat()) say('ack', runId, event.seq)
  }
}

async function show(runId: string) {
  for await (const events of journal.follow(runId)) for (const event of events) say('seen', runId, event.seq)
}

const store = await openStore(file, migrations)
const journal = createJournal({ store })
await Promise.all(ids.split(',').map(appendForever))
