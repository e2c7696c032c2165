import { rm } from 'node:fs/promises'

/** What playwright.config.ts made for the browser. */
export default async function removeBrowserHome() {
  const home = process.env.RETRAI_BROWSER_HOME
  if (home) await rm(home, { recursive: true, force: true, maxRetries: 5 })
}
