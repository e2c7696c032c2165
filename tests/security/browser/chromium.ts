// A real browser for the attacks that only a browser makes: names of other sites lead to this machine, so that cross-site and
// rebinding conditions are true without the internet.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium } from '@playwright/test'
import { findChromium } from '../../../scripts/ensure-chromium.mjs'

export interface TestBrowser {
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>
  close(): Promise<void>
}

export async function openChromium(): Promise<TestBrowser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('There is no Chromium; run `node scripts/ensure-chromium.mjs`')
  const home = await mkdtemp(path.join(tmpdir(), 'retrai-browser-'))
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      // What a newer browser holds back by itself must be refused by the server as well.
      '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights',
    ],
    env: {
      ...(process.env as Record<string, string>), // only what is set is listed
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_CACHE_HOME: home,
    },
  })
  return {
    async newContext(options) {
      const context = await browser.newContext(options)
      // What compiles these tests may mark functions with it, also those that run in the page.
      await context.addInitScript({ content: 'globalThis.__name = one => one' })
      return context
    },
    async close() {
      await browser.close()
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
