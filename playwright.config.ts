// Browser tests: user stories against the built product, each worker with a server of its own.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { defineConfig } from '@playwright/test'
import { findChromium } from './scripts/ensure-chromium.mjs'

const executablePath = findChromium()
if (executablePath === null) throw new Error('There is no Chromium; run `node scripts/ensure-chromium.mjs`')

/** The browser writes to its home, which may be read-only here. Workers load this file again, and take the first one. */
process.env.RETRAI_BROWSER_HOME ??= mkdtempSync(path.join(tmpdir(), 'retrai-browser-'))
const home = process.env.RETRAI_BROWSER_HOME

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  globalTeardown: './e2e/remove-browser-home.ts',
  workers: 2,
  fullyParallel: false,
  forbidOnly: true,
  // As the other tests against real servers, see vitest.config.ts.
  retries: process.env.CI ? 1 : 0,
  // Ends what would wait for ever, also on a machine that does other things.
  timeout: 150_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath,
      env: {
        ...(process.env as Record<string, string>), // only what is set is listed
        HOME: home,
        XDG_CONFIG_HOME: home,
        XDG_CACHE_HOME: home,
      },
    },
  },
})
