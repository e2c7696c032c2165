// S1: a page of another site makes the browser send requests. In a real browser; the same requests of a page of our own are
// answered, which shows that they are ones.
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Frame, Page, Request, Response } from '@playwright/test'
import { api } from '#lib/testing/api'
import { startServer, type TestServer } from '#lib/testing/server'
import { readDatabase } from '../reliability/database.ts'
import type { Scenario } from '../reliability/scenario.ts'
import { openChromium, type TestBrowser } from './browser/chromium.ts'
import { openPlaces, startAttacker } from './browser/places.ts'
import { isJson, isRead, SHAPES, type Shape, sendShape } from './browser/request-shapes.ts'

const TOKEN = 'the-token-of-a-browser-that-is-ours'
const ANSWER_WITHIN_MS = 5000
const NO_RUN = '00000000-0000-4000-8000-000000000000'

export const crossSite: Scenario = {
  name: 'cross-site',
  promise:
    'S1: no page of another site, port, sandboxed frame or file makes the server do or tell anything; the same from our own page is answered',
  async run({ scale, log }) {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'retrai-cross-site-')))
    const project = path.join(folder, 'project')
    await mkdir(project)
    const attacker = await startAttacker()
    const { newContext, close } = await openChromium()
    const broken: string[] = []
    const env = { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9', RETRAI_CWD: project }
    const server = await startServer({ env })
    const withToken = await startServer({ env: { ...env, RETRAI_TOKEN: TOKEN } })
    // A run of `true` is green at once: what was started costs nothing and stays in the list.
    const body = JSON.stringify({ goal: 'forged', check_command: 'true', cwd: project })
    try {
      // All shapes from each place in the full size; in the quick one each shape from one of them, all places in turn.
      const isWanted = (shape: number, place: number) => scale === 'full' || shape % 4 === place
      let refused = 0
      let asked = 0
      const context = await newContext()
      const places = await openPlaces(context, attacker, folder)
      for (const [placeAt, { name, page, frame }] of places.entries()) {
        for (const [shapeAt, shape] of SHAPES.entries()) {
          if (!isWanted(shapeAt, placeAt)) continue
          asked++
          const { statuses, read } = await sendAndWatch(page, frame, shape, server.url, body)
          if (read === null && statuses.every(status => status === 'failed' || Number(status) >= 400))
            refused++
          else
            broken.push(`${shape} from ${name}: ${statuses.join(', ')}, the page read ${read?.slice(0, 80)}`)
        }
      }
      await context.close()
      const foreignRuns = await api(server.url).list()
      if (foreignRuns.length > 0) broken.push(`${foreignRuns.length} runs were started from elsewhere`)
      log(`${refused} of ${asked} refused`)

      let right = 0
      let ours = 0
      let jsonSent = 0
      for (const [wayAt, way] of ownWays(server, withToken).entries()) {
        const { context: own, page } = await openOwn(newContext, way)
        for (const [shapeAt, shape] of SHAPES.entries()) {
          if (!isWanted(shapeAt, wayAt)) continue
          ours++
          const { statuses } = await sendAndWatch(page, page.mainFrame(), shape, way.url, body)
          const wanted = expected(shape)
          if (statuses.every(status => wanted.includes(status))) right++
          else
            broken.push(`${shape} from ${way.name}: ${statuses.join(', ')} instead of ${wanted.join(' or ')}`)
          if (wanted.includes('201')) jsonSent++
        }
        await own.close()
      }
      log(`${right} of ${ours} from our own pages as specified`)
      const started = (await api(server.url).list('?limit=200')).length
      const tokened = (await api(withToken.url, { token: TOKEN }).list('?limit=200')).length
      if (started + tokened !== jsonSent)
        broken.push(`${started + tokened} runs were started by ${jsonSent} requests that may`)
      await server.stop()
      const stored = readDatabase(path.join(server.dataDir, 'retrai.db'))
      const forged = stored.runs.length - started
      return {
        figures: {
          'refused from elsewhere': `${refused} of ${asked}`,
          'runs and events from elsewhere': `${foreignRuns.length}, ${forged}`,
          'as specified from our own pages': `${right} of ${ours}`,
        },
        broken,
      }
    } finally {
      await close()
      await attacker.close()
      await server.close()
      await withToken.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/**
 * What a request of our own page is answered with: JSON starts a run, anything else is not JSON, and there is nothing to patch.
 * A form of a page that tells nobody where it comes from has the origin `null`, and is nobody's.
 */
function expected(shape: Shape): string[] {
  if (isRead(shape)) return ['200']
  if (shape.startsWith('form')) return ['403', 'failed']
  if (shape === 'fetch, PATCH') return ['404']
  return [isJson(shape) ? '201' : '415']
}

/** Sends, and waits until the server has answered or the browser has given up. */
async function sendAndWatch(page: Page, frame: Frame, shape: Shape, url: string, body: string) {
  const address = `${url}${shape === 'fetch, PATCH' ? `/api/runs/${NO_RUN}/config` : '/api/runs'}`
  const statuses: string[] = []
  let over = () => {}
  const isOver = new Promise<void>(resolve => {
    over = resolve
  })
  // An earlier one may end only now.
  const own = new Set<Request>()
  const onRequest = (request: Request) => {
    if (request.url() === address) own.add(request)
  }
  const note = (status: string, request: Request) => {
    if (!own.has(request)) return
    statuses.push(status)
    over()
  }
  const onResponse = (response: Response) => note(String(response.status()), response.request())
  const onFailed = (request: Request) => note('failed', request)
  page.on('request', onRequest).on('response', onResponse).on('requestfailed', onFailed)
  const read = await frame.evaluate(sendShape, { shape, url: address, body })
  const timer = setTimeout(over, ANSWER_WITHIN_MS)
  await isOver
  clearTimeout(timer)
  page.off('request', onRequest).off('response', onResponse).off('requestfailed', onFailed)
  // Nothing seen: then nothing can be said about it.
  if (statuses.length === 0) statuses.push('nothing was sent, 0')
  return { statuses, read }
}

interface Way {
  name: string
  url: string
  code?: string | undefined
  token?: string
}

function ownWays(server: TestServer, withToken: TestServer): Way[] {
  const local = (url: string) => url.replace('127.0.0.1', 'localhost')
  const code = /\/login#code=(\S+)/.exec(withToken.stdout())?.[1]
  return [
    { name: 'our own page', url: server.url },
    { name: 'our own page on localhost', url: local(server.url) },
    { name: 'our own page with a session', url: withToken.url, code },
    { name: 'our own page with the token', url: local(withToken.url), token: TOKEN },
  ]
}

/** A page of ours, without its policy: what is asked is what the server says. */
async function openOwn(newContext: TestBrowser['newContext'], { url, code, token }: Way) {
  const context = await newContext({
    bypassCSP: true,
    ...(token ? { extraHTTPHeaders: { authorization: `Bearer ${token}` } } : {}),
  })
  const page = await context.newPage()
  if (code) {
    await page.goto(`${url}/login#code=${code}`)
    await page.waitForURL(/\/runs/)
  }
  await page.goto(`${url}/healthz`)
  return { context, page }
}
