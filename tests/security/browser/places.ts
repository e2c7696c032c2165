// Where a hostile page may come from, seen from the server: another site, another port, an origin that is none, a file.
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BrowserContext, Frame, Page } from '@playwright/test'

export interface Attacker {
  port: number
  /** Requests it got: what was sent to it from elsewhere. */
  hits: string[]
  close(): Promise<void>
}

const EMPTY = '<!doctype html><title>elsewhere</title><p>A page of somebody else.'
const SANDBOXED = `<!doctype html><iframe sandbox="allow-scripts allow-forms allow-popups" srcdoc="${EMPTY.replaceAll('"', '&quot;')}"></iframe>`

/** Serves empty pages; `naive` is what `/naive` shows as it is. */
export async function startAttacker(naive = ''): Promise<Attacker> {
  const hits: string[] = []
  const server = createServer((request, response) => {
    const { url = '' } = request
    if (!/^\/(?:page|sandboxed|naive|favicon)/.test(url)) hits.push(url)
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(url === '/sandboxed' ? SANDBOXED : url === '/naive' ? naive : EMPTY)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number } // it listens on a port
  return {
    port,
    hits,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export interface Place {
  name: string
  page: Page
  /** What the attack runs in. */
  frame: Frame
}

/** The four origins. `folder` takes the page that is a file. */
export async function openPlaces(
  context: BrowserContext,
  { port }: Attacker,
  folder: string,
): Promise<Place[]> {
  const file = path.join(folder, 'attack.html')
  await writeFile(file, EMPTY)
  const open = async (name: string, url: string, isFramed = false): Promise<Place> => {
    const page = await context.newPage()
    await page.goto(url)
    const frame = isFramed ? await (await page.waitForSelector('iframe')).contentFrame() : page.mainFrame()
    if (!frame) throw new Error(`${url} has no frame`)
    return { name, page, frame }
  }
  return [
    await open('evil.test', `http://evil.test:${port}/page`),
    await open('another port', `http://127.0.0.1:${port}/page`),
    await open('null', `http://evil.test:${port}/sandboxed`, true),
    await open('file://', pathToFileURL(file).href),
  ]
}
