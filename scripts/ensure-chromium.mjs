// The browser for the browser tests: one that is installed, or Debian's, or Playwright's own. Prints its path.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { canInstall, ends, install } from './apt.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Path of a browser that starts; null when there is none. */
export function findChromium() {
  const asked = process.env.CHROMIUM_PATH
  if (asked) {
    if (starts(asked)) return asked
    throw new Error(`CHROMIUM_PATH: ${asked} does not start; name a Chromium, or leave it out`)
  }
  for (const name of NAMES) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()
    // Ubuntu's chromium-browser is a stub that only says how to get the real one.
    if (found && starts(found)) return found
  }
  const own = playwrightsOwn()
  return own && starts(own) ? own : null
}

const starts = file => ends(file, ['--version'])

function playwrightsOwn() {
  try {
    const { chromium } = createRequire(import.meta.url)('@playwright/test')
    return chromium.executablePath()
  } catch {
    return null // not installed
  }
}

function ensureChromium() {
  const found = findChromium()
  if (found) return found
  if (canInstall() && install('chromium', 'fonts-dejavu-core')) {
    const installed = findChromium()
    if (installed) return installed
  }
  console.log("Installing Playwright's own Chromium …")
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli')
  spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: 'inherit' })
  return findChromium()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = ensureChromium()
  if (path === null) {
    console.error('There is no Chromium and none could be installed; install one and set CHROMIUM_PATH to it')
    process.exit(1)
  }
  console.log(path)
}
