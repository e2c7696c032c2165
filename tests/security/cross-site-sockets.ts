// S3: a page of another site opens a WebSocket. Browsers send cookies along and ask nobody, so only the server can refuse it.
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { LIVE_PATH } from '#lib/contract/live'
import { SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { startServer } from '#lib/testing/server'
import { openStage } from '#lib/testing/stage'
import type { Scenario } from '../reliability/scenario.ts'
import { openChromium } from './browser/chromium.ts'
import { openPlaces, startAttacker } from './browser/places.ts'
import { askRaw, UPGRADE } from './raw-request.ts'

const TOKEN = 'the-token-that-opens-every-socket'

export const crossSiteSockets: Scenario = {
  name: 'cross-site-sockets',
  promise: 'S3: no page of another site or port opens a socket; without the token nobody does, with it 101',
  async run() {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'retrai-sockets-')))
    const attacker = await startAttacker()
    const stage = await openStage()
    const withToken = await startServer({ env: { RETRAI_TOKEN: TOKEN } })
    const { newContext, close } = await openChromium()
    const broken: string[] = []
    try {
      const cwd = await stage.project({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
      const { run_id: runId } = await stage.client.finish({ ...SHELL_GOAL, cwd })
      const paths = [`/api/ws/${runId}`, `${LIVE_PATH}/?EIO=4&transport=websocket`]
      const hosts = [stage.server.url, stage.server.url.replace('127.0.0.1', 'localhost')]
      const urls = hosts.flatMap(host => paths.map(one => host.replace('http', 'ws') + one))
      const context = await newContext()
      let opened = 0
      let tried = 0
      for (const { name, frame } of await openPlaces(context, attacker, folder)) {
        for (const url of urls) {
          tried++
          const how = await frame.evaluate(openSocket, url)
          if (how === 'refused') continue
          opened++
          broken.push(`${url} from ${name}: ${how}`)
        }
      }
      // From a page of our own the same sockets open: there is something to refuse.
      const own = await context.newPage()
      let ours = 0
      for (const url of urls) {
        await own.goto(`${url.replace('ws', 'http').split('/api')[0]}/runs`)
        if ((await own.evaluate(openSocket, url)) === 'open') ours++
        else broken.push(`${url} does not open from our own page`)
      }
      await own.goto('about:blank')

      const raw: Record<string, number> = {}
      for (const [what, headers, wanted] of [
        ['without a token', [], 401],
        ['with a wrong one', ['Authorization: Bearer wrong-wrong-wrong-wrong'], 401],
        ['with the token', [`Authorization: Bearer ${TOKEN}`], 101],
      ] as const) {
        for (const one of paths) {
          const { host } = new URL(withToken.url)
          const { status } = await askRaw(withToken.url, {
            target: one,
            headers: [`Host: ${host}`, ...headers, ...UPGRADE],
          })
          raw[`${one.split('/')[2]} ${what}`] = status
          // socket.io has one status for everything it refuses.
          const isRight = status === wanted || (wanted === 401 && one.startsWith(LIVE_PATH) && status === 400)
          if (!isRight) broken.push(`${one} ${what} is answered with ${status}`)
        }
      }
      return {
        figures: {
          'opened from elsewhere': `${opened} of ${tried}`,
          'opened from our own page': `${ours} of ${urls.length}`,
          'raw clients': Object.entries(raw)
            .map(([what, status]) => `${what} ${status}`)
            .join(', '),
        },
        broken,
      }
    } finally {
      await close()
      await attacker.close()
      await stage.close()
      await withToken.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** Runs in the page. */
function openSocket(url: string): Promise<string> {
  return new Promise(resolve => {
    const socket = new WebSocket(url)
    socket.onopen = () => {
      socket.close()
      resolve('open')
    }
    socket.onerror = () => resolve('refused')
  })
}
