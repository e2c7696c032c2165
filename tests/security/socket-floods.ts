// S15: clients of the sockets that mean harm. Meanwhile others are served as usual, and afterwards nothing is left of it.
import { execFile } from 'node:child_process'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openStage } from '#lib/testing/stage'
import { startWaitingRun } from '../reliability/note-source.ts'
import type { Scenario } from '../reliability/scenario.ts'
import { storeNotes } from '../reliability/stored-runs.ts'
import { FLOODS, type FloodTarget } from './flood-clients.ts'
import { residentMiB, restingMiB } from './memory.ts'

const SIZES = { quick: { seconds: 0.4, stored: 500 }, full: { seconds: 60, stored: 5_000 } }
/** The others need more than a moment to say anything. */
const QUICK = ['fragments of one byte', 'connections that never end a head']
const EVENT_BYTES = 2048
const MAY_GROW_MIB = 64
const MUST_FALL_TO_MIB = 16
const MAX_P99_MS = 250

export const socketFloods: Scenario = {
  name: 'socket-floods',
  promise:
    'S15: whatever a client of the sockets does, others are answered within 250 ms (p99), and memory grows by less than 64 MiB and comes back',
  async run({ scale, log }) {
    const { seconds, stored } = SIZES[scale]
    const stage = await openStage({
      // A small heap: what a lazy collector leaves lying about is not what an attack costs.
      env: { NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=8' },
    })
    const broken: string[] = []
    const figures: Record<string, string | number> = {}
    try {
      const runId = await startWaitingRun(stage)
      await stage.server.kill9()
      await storeNotes(stage.server.dataDir, runId, stored, EVENT_BYTES)
      await stage.restart('kill9')
      const { url, pid } = stage.server
      await warm(url, runId, scale)
      const before = residentMiB(pid) ?? 0
      for (const flood of FLOODS.filter(({ name }) => scale === 'full' || QUICK.includes(name))) {
        const atStart = await restingMiB(pid, { below: before, withinMs: 200 })
        const over = new AbortController()
        const watch = watchServer(url, pid, over.signal)
        const did = await inOwnProcess(flood.name, seconds, { url, runId })
        over.abort()
        const { p99, failed, asked, peak } = await watch
        // An earlier flood may have made the collector tidier than it is in a warm server: that is no debt of this one.
        const rest = Math.max(atStart, before)
        const after = await restingMiB(pid, {
          below: rest + MUST_FALL_TO_MIB,
          withinMs: scale === 'quick' ? 2_000 : 30_000,
        })
        figures[flood.name] =
          `${did}; p99 ${p99.toFixed(0)} ms of ${asked}, +${(peak - atStart).toFixed(0)} MiB, then ${(after - rest).toFixed(0)}`
        log(`${flood.name}: ${figures[flood.name]}`)
        if (failed > 0)
          broken.push(`${flood.name}: ${failed} of ${asked} ordinary requests were not answered`)
        // A moment on a busy machine says nothing about a percentile.
        if (scale === 'full' && p99 > MAX_P99_MS)
          broken.push(`${flood.name}: ordinary requests took ${p99.toFixed(0)} ms (p99)`)
        if (peak - atStart > MAY_GROW_MIB)
          broken.push(`${flood.name}: memory grew by ${(peak - atStart).toFixed(0)} MiB`)
        if (after - rest > MUST_FALL_TO_MIB * (scale === 'quick' ? 3 : 1))
          broken.push(`${flood.name}: ${(after - rest).toFixed(0)} MiB stayed`)
      }
      const faults = stage.server
        .stderr()
        .split('\n')
        .filter(line => /"level":(?:50|60)|uncaught|unhandled/i.test(line))
      if (faults.length > 0) broken.push(`${faults.length} faults in the log: ${faults[0]?.slice(0, 300)}`)
      figures['faults in the log'] = faults.length
      figures['MiB at the start'] = before.toFixed(0)
      await stage.client.ok('POST', `/api/runs/${runId}/abort`, { body: {} })
      return { figures, broken }
    } finally {
      await stage.close()
    }
  },
}

async function inOwnProcess(name: string, seconds: number, { url, runId }: FloodTarget): Promise<string> {
  const program = fileURLToPath(new URL('./flood-program.ts', import.meta.url))
  const argv = ['--import', 'tsx', program, name, String(seconds * 1000), url, runId]
  const { stdout } = await promisify(execFile)(process.execPath, argv)
  return stdout.trim()
}

/** Asks for the list as a page would, again and again, and looks at the memory. */
async function watchServer(url: string, pid: number, signal: AbortSignal) {
  const times: number[] = []
  let failed = 0
  let peak = residentMiB(pid) ?? 0
  while (!signal.aborted) {
    const began = performance.now()
    if (await answers(`${url}/api/runs`)) times.push(performance.now() - began)
    else failed++
    peak = Math.max(peak, residentMiB(pid) ?? 0)
    await sleep(20)
  }
  const sorted = times.toSorted((a, b) => a - b)
  const p99 = sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? Number.POSITIVE_INFINITY
  return { p99, failed, asked: times.length + failed, peak }
}

/** Over a connection of its own: whoever has one already is not who would be kept out. */
const answers = (address: string) =>
  new Promise<boolean>(resolve => {
    const asked = request(address, { agent: false, timeout: 5000 }, response => {
      response.resume().once('end', () => resolve(response.statusCode === 200))
    })
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => resolve(false))
    asked.end()
  })

/** Code is compiled and caches are filled before anything is measured. */
async function warm(url: string, runId: string, scale: 'quick' | 'full'): Promise<void> {
  if (scale === 'full') for (const { name } of FLOODS) await inOwnProcess(name, 2, { url, runId })
  for (let at = 0; at < 50; at++) await answers(`${url}/api/runs`)
}
