// S2: names that lead to this machine and are not ours. Under rebinding Host and Origin agree, so only the list decides.
import { LIVE_PATH } from '#lib/contract/live'
import { SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { openStage } from '#lib/testing/stage'
import type { Scenario } from '../reliability/scenario.ts'
import { openChromium } from './browser/chromium.ts'
import { askRaw, UPGRADE } from './raw-request.ts'

/** Heads of a request whose Host is hostile. `P`: the server's port. */
const HOSTS: Record<string, string[]> = {
  'another name': ['Host: evil.test'],
  'another name, our port': ['Host: evil.test:P'],
  'ours as a subdomain': ['Host: localhost.evil.test:P'],
  'ours as a prefix': ['Host: localhost:P.evil.test'],
  'a name that resolves here': ['Host: 127.0.0.1.nip.io:P'],
  'all addresses': ['Host: 0.0.0.0:P'],
  'a short address': ['Host: 127.1:P'],
  'an address as a number': ['Host: 2130706433:P'],
  'an address in hex': ['Host: 0x7f000001:P'],
  'an address in octal': ['Host: 0177.0.0.1:P'],
  'another loopback address': ['Host: 127.0.0.2:P'],
  'an address within one of IPv6': ['Host: [::ffff:127.0.0.1]:P'],
  'the long form of IPv6': ['Host: [0:0:0:0:0:0:0:1]:P'],
  'IPv6 without brackets': ['Host: ::1:P'],
  'IPv6 with a zone': ['Host: [::1%25lo]:P'],
  'a trailing dot': ['Host: localhost.:P'],
  'a trailing dot behind an address': ['Host: 127.0.0.1.:P'],
  'another port': ['Host: 127.0.0.1:1'],
  'no port': ['Host: localhost'],
  'an empty port': ['Host: localhost:'],
  'a port with a zero before it': ['Host: localhost:0P'],
  'a user': ['Host: user@127.0.0.1:P'],
  'ours and another': ['Host: 127.0.0.1:P, evil.test'],
  'another in mixed case': ['Host: EVIL.Test:P'],
  'letters that look like ours': ['Host: l\u00f6calhost:P'],
  'two of them, ours first': ['Host: 127.0.0.1:P', 'Host: evil.test'],
  'two of them, ours last': ['Host: evil.test', 'Host: 127.0.0.1:P'],
  'ours twice': ['Host: 127.0.0.1:P', 'Host: 127.0.0.1:P'],
  'ours only as forwarded': [
    'Host: evil.test',
    'X-Forwarded-Host: 127.0.0.1:P',
    'Forwarded: host=127.0.0.1:P',
  ],
  nothing: ['Host: '],
}

export const rebinding: Scenario = {
  name: 'rebinding',
  promise:
    'S2: under any name but its own the server answers nothing, on all four ways in, and no page under such a name gets anything',
  async run({ log }) {
    const stage = await openStage()
    const broken: string[] = []
    try {
      const cwd = await stage.project({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
      const { run_id: runId } = await stage.client.finish({ ...SHELL_GOAL, cwd })
      const { url } = stage.server
      const { port, host } = new URL(url)
      const ways = {
        REST: { target: `/api/runs/${runId}`, headers: [] },
        'REST that writes': { target: '/api/runs', headers: [], method: 'POST' },
        WebSocket: { target: `/api/ws/${runId}`, headers: UPGRADE },
        'socket.io polling': { target: `${LIVE_PATH}/?EIO=4&transport=polling`, headers: [] },
        'socket.io WebSocket': { target: `${LIVE_PATH}/?EIO=4&transport=websocket`, headers: UPGRADE },
      }
      const body = JSON.stringify({ ...SHELL_GOAL, cwd })
      let refused = 0
      let asked = 0
      const ask = async (what: string, way: keyof typeof ways, heads: string[], target?: string) => {
        asked++
        const { method, ...plan } = { method: 'GET', ...ways[way] }
        const origin = heads.find(head => head.startsWith('Host: '))?.slice(6)
        const { status, text } = await askRaw(url, {
          target: target ?? plan.target,
          method,
          headers: [
            ...heads,
            // A rebound page is of the same origin as what it asks.
            ...(way === 'REST' ? [] : [`Origin: http://${origin}`]),
            ...plan.headers,
            ...(method === 'POST'
              ? ['Content-Type: application/json', `Content-Length: ${body.length}`]
              : []),
          ],
          body: method === 'POST' ? body : '',
        })
        const isRefused = [0, 400, 403, 421].includes(status) && !text.includes(runId) && !/"sid"/.test(text)
        if (isRefused) refused++
        else broken.push(`${way} with ${what} is answered with ${status}`)
      }
      const names = Object.keys(ways) as (keyof typeof ways)[] // its own keys
      for (const [what, heads] of Object.entries(HOSTS)) {
        const filled = heads.map(head => head.replace(/(?<=:0?)P\b/g, port))
        for (const way of names) await ask(what, way, filled)
      }
      for (const way of names)
        await ask('the absolute form', way, [`Host: ${host}`], `http://evil.test${ways[way].target}`)
      // The same with our own name is answered: what was refused was refused for its name.
      let answered = 0
      for (const way of names) {
        const { method, ...plan } = { method: 'GET', ...ways[way] }
        if (method === 'POST') continue
        const { status } = await askRaw(url, {
          target: plan.target,
          headers: [`Host: ${host}`, `Origin: http://${host}`, ...plan.headers],
        })
        if (status === 200 || status === 101) answered++
        else broken.push(`${way} with our own name is answered with ${status}`)
      }
      log(`${refused} of ${asked} refused`)
      const inBrowser = await fromReboundPage(port, runId)
      broken.push(...inBrowser.broken)
      const runs = await stage.client.list()
      if (runs.length !== 1) broken.push(`${runs.length - 1} runs were started`)
      return {
        figures: {
          'names refused': `${refused} of ${asked}`,
          'of these, forms of a name': Object.keys(HOSTS).length,
          'answered under our own': `${answered} of 4`,
          'refused in a browser': `${inBrowser.refused} of ${inBrowser.asked}`,
        },
        broken,
      }
    } finally {
      await stage.close()
    }
  },
}

/** A page of `evil.test:P`, which is this server: what rebinding makes of a page that was loaded from elsewhere before. */
async function fromReboundPage(port: string, runId: string) {
  const { newContext, close } = await openChromium()
  try {
    const page = await (await newContext()).newPage()
    const answer = await page.goto(`http://evil.test:${port}/runs`)
    const broken: string[] = []
    if (answer?.status() !== 421)
      broken.push(`a page under another name is answered with ${answer?.status()}`)
    const statuses = await page.evaluate(
      async ({ id, live }) => {
        const status = async (path: string, options?: RequestInit) => {
          try {
            return (await fetch(path, options)).status
          } catch {
            return 0
          }
        }
        const opens = (path: string) =>
          new Promise<number>(resolve => {
            const socket = new WebSocket(path)
            socket.onopen = () => resolve(101)
            socket.onerror = () => resolve(0)
          })
        return [
          await status('/api/runs'),
          await status(`/api/runs/${id}`),
          await status('/healthz'),
          await status('/api/runs', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ goal: 'x', check_command: 'true' }),
          }),
          await status(`${live}/?EIO=4&transport=polling`),
          await opens(`/api/ws/${id}`),
          await opens(`${live}/?EIO=4&transport=websocket`),
        ]
      },
      { id: runId, live: LIVE_PATH },
    )
    const refused = statuses.filter(status => [0, 403, 421].includes(status)).length
    if (refused < statuses.length) broken.push(`a rebound page is answered with ${statuses.join(', ')}`)
    return { asked: statuses.length, refused, broken }
  } finally {
    await close()
  }
}
