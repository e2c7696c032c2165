// S18: somebody starts runs as fast as the wire allows. Those there is room for are taken and come to their end, the others are
// told when to come again.
import { writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isFinal, type RunSummary } from '#lib/contract/runs'
import { LIMITS } from '#lib/limits'
import { openStage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import type { Scenario } from '../reliability/scenario.ts'
import { residentMiB } from './memory.ts'

const SIZES = { quick: { requests: 150, waiting: 2 }, full: { requests: 5000, waiting: LIMITS.maxWaiting } }
const WITHIN_MS = 10_000
const MAX_MIB = 512
const AT_ONCE = 32

export const manyRuns: Scenario = {
  name: 'many-runs',
  promise:
    'S18: of 5,000 runs started in ten seconds those are taken for which there is room; all others are told to come again, and all that were taken end',
  async run({ scale, log }) {
    const { requests, waiting } = SIZES[scale]
    const room = LIMITS.maxParallel + waiting
    const stage = await openStage({ env: { RETRAI_MAX_QUEUED: String(waiting) } })
    const broken: string[] = []
    try {
      // No check ends before the flood does, so that what is taken is what there is room for at once.
      const cwd = await stage.project({ 'check.sh': 'until [ -e go ]; do sleep 0.1; done\n' })
      const body = JSON.stringify({ goal: 'x', check_command: 'sh check.sh', cwd })
      const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
      const answers = new Map<string, number>()
      let peak = 0
      let sent = 0
      const began = performance.now()
      const worker = async () => {
        while (sent < requests) {
          const at = sent++
          // Evenly over the time: what cannot keep up is late, and said.
          const early = (at / requests) * WITHIN_MS - (performance.now() - began)
          if (scale === 'full' && early > 5) await sleep(early)
          const { status, retryAfter } = await post(stage.server.url, agent, body)
          const how = status === 429 && retryAfter === undefined ? '429 without Retry-After' : String(status)
          answers.set(how, (answers.get(how) ?? 0) + 1)
          peak = Math.max(peak, residentMiB(stage.server.pid) ?? 0)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, worker))
      const seconds = (performance.now() - began) / 1000
      agent.destroy()
      log(`${requests} requests in ${seconds.toFixed(1)} s`)
      await writeFile(path.join(cwd, 'go'), '')
      const list = () => allRuns(stage.client.list)
      const ended = await waitFor(
        'all runs that were taken have ended',
        async () => {
          peak = Math.max(peak, residentMiB(stage.server.pid) ?? 0)
          const runs = await list()
          return runs.every(({ status }) => isFinal(status)) ? runs : null
        },
        { limitMs: 240_000, everyMs: 200 },
      )
      const taken = answers.get('201') ?? 0
      if (taken > room) broken.push(`${taken} runs were taken, though there is room for ${room}`)
      if (taken < room) broken.push(`only ${taken} runs were taken, though there is room for ${room}`)
      if (ended.length !== taken) broken.push(`${ended.length} runs are kept of ${taken} that were taken`)
      const others = [...answers.keys()].filter(how => how !== '201' && how !== '429')
      if (others.length > 0) broken.push(`answers: ${others.join(', ')}`)
      if ((answers.get('429') ?? 0) !== requests - taken)
        broken.push('not all others were told to come again')
      if (peak > MAX_MIB) broken.push(`the server took ${peak.toFixed(0)} MiB`)
      return {
        figures: {
          requests,
          seconds: seconds.toFixed(1),
          answers: [...answers].map(([how, count]) => `${how}×${count}`).join(' '),
          'taken, room': `${taken}, ${room}`,
          ended: ended.length,
          'most memory MiB': peak.toFixed(0),
        },
        broken,
      }
    } finally {
      await stage.close()
    }
  },
}

/** A page of the list holds 200 at most, which is more than there can be. */
const allRuns = (list: (query: string) => Promise<RunSummary[]>) => list('?limit=200')

function post(
  url: string,
  agent: Agent,
  body: string,
): Promise<{ status: number; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const asked = request(`${url}/api/runs`, { method: 'POST', agent, headers }, response => {
      response
        .resume()
        .once('end', () =>
          resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] }),
        )
    })
    asked.once('error', reject)
    asked.end(body)
  })
}
