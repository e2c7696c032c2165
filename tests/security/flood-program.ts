// One flood in a process of its own, so that what it costs the attacker does not look like a slow server:
//   flood-program.ts <name> <milliseconds> <url> <run id>
import { setMaxListeners } from 'node:events'
import { FLOODS } from './flood-clients.ts'

const [name, ms, url, runId] = process.argv.slice(2)
const flood = FLOODS.find(one => one.name === name)
if (!flood || !url || !runId) throw new Error(`there is no flood ${name}`)
const over = new AbortController()
setMaxListeners(0, over.signal) // each connection listens for the end
setTimeout(() => over.abort(), Number(ms))
console.log(await flood.run({ url, runId }, over.signal))
process.exit()
