// S13: text of a run in every place of the dashboard. Nothing of it runs, asks another machine or breaks the page's own policy.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { bash, SHELL_PROJECT } from '#lib/testing/make-project'
import { fault, text, toolUse, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import type { Scenario } from '../reliability/scenario.ts'
import { openChromium, type TestBrowser } from './browser/chromium.ts'
import { startAttacker } from './browser/places.ts'
import { xssPayloads } from './browser/xss-payloads.ts'

const PAYLOADS = 120
/** Of the payloads taken for HTML, as many must work: else they would prove nothing. */
const LEAST_THAT_WORK = 40
const QUICK_TABS = [['?view=all', '?tab=changes'], ['?tab=checks'], ['']]

declare global {
  interface Window {
    __xss?: (n: number) => void
  }
}

export const xss: Scenario = {
  name: 'xss',
  promise:
    'S13: nothing that a run prints is executed, asks another machine or breaks the policy of a page, in any place where it is shown',
  async run({ scale, log }) {
    const attacker = await startAttacker()
    const payloads = xssPayloads(`http://beacon.test:${attacker.port}/hit`, PAYLOADS)
    const stage = await openStage()
    const { newContext, close } = await openChromium()
    const broken: string[] = []
    try {
      const { runs, settings } = await makeRuns(stage, payloads)
      const seen = await openWatched(newContext, stage.server.url)
      let views = 0
      let links = 0
      for (const [at, runId] of runs.entries()) {
        const tabs = ['', '?view=all', ...['changes', 'checks', 'usage', 'config'].map(tab => `?tab=${tab}`)]
        // The quick size looks where each run has the most.
        for (const tab of scale === 'full' ? tabs : QUICK_TABS[at]!) {
          await visit(seen.page, `/runs/${runId}${tab}`)
          const images = seen.page.locator('a[href*="beacon.test"][href$=".png"]')
          // Markdown is drawn by a part that is loaded for it.
          if (at === 0 && tab === '?view=all')
            await images
              .first()
              .waitFor({ timeout: 10_000 })
              .catch(() => {})
          links = Math.max(links, await images.count())
          views++
        }
        if (scale === 'full' || at === 0) await visit(seen.page, `/runs/new?from=${runId}`)
      }
      const query = encodeURIComponent(payloads.join(' ').slice(0, 1500))
      const everywhere = [
        '/runs',
        '/needs-you',
        `/runs?q=${query}`,
        `/runs/${query.slice(0, 300)}`,
        `/nowhere/${query.slice(0, 300)}`,
      ]
      for (const path of everywhere.slice(0, scale === 'full' ? undefined : 2)) {
        await visit(seen.page, path)
        views++
      }
      // Forms, with the project's own settings and a directory that is none.
      await visit(seen.page, `/runs/new?cwd=${encodeURIComponent(settings)}`)
      await seen.page.getByLabel('Project directory').fill(`/nowhere/${payloads.slice(0, 20).join(' ')}`)
      await seen.page.getByLabel('Project directory').blur()
      await seen.page.keyboard.press('?')
      await sleep(300) // nothing is waited for that could come
      views += 2
      // With a window over the page: what it writes itself is allowed by its nonce.
      await visit(seen.page, '/runs')
      const help = seen.page.getByRole('dialog')
      // A page takes keys once its scripts have run, which nothing on it shows.
      for (let pressed = 0; pressed < 20 && !(await help.isVisible()); pressed++) {
        await seen.page.keyboard.press('?')
        await help.waitFor({ timeout: 2000 }).catch(() => {}) // asked again above
      }
      await help.waitFor({ timeout: 2000 })
      await seen.page.keyboard.press('Escape')
      await seen.page.goto('about:blank')
      broken.push(...seen.problems())
      log(`${views} views, ${seen.executed().length} executions`)

      if (links === 0) broken.push('no remote image is shown as a link')
      const hits = attacker.hits.filter(url => url.includes('/hit'))
      const naive = await countNaive(newContext, payloads)
      if (naive < LEAST_THAT_WORK)
        broken.push(`only ${naive} of ${payloads.length} work where they are taken for HTML`)
      if (hits.length > 0) broken.push(`another machine was asked: ${hits.slice(0, 5).join(', ')}`)
      return {
        figures: {
          payloads: payloads.length,
          'of these, what a naive page runs or asks for': naive,
          'views of the dashboard': views,
          'remote images that are links': links,
          'scripts executed': seen.executed().length,
          'requests to other origins': seen.foreign().length,
          'violations of the policy': seen.violations().length,
        },
        broken,
      }
    } finally {
      await close()
      await stage.close()
      await attacker.close()
    }
  },
}

/** A run at its gate, one of tests with such names, one whose model answered with an error; and a project with such settings. */
async function makeRuns(stage: Stage, payloads: string[]) {
  const all = payloads.join('\n')
  const names = payloads
    .map(one => one.replaceAll(/[/\0\n]/g, '∕').slice(0, 60))
    .filter((one, at, list) => list.indexOf(one) === at)
  const gated = await stage.project(
    {
      ...SHELL_PROJECT,
      'check.sh': 'cat all.txt; exit 1\n',
      'all.txt': all,
      'names.json': JSON.stringify(names),
      'make.cjs': "for (const name of require('./names.json')) require('fs').writeFileSync(name, name)\n",
    },
    [
      turn([
        ...payloads.map(text),
        bash('cat all.txt; node make.cjs'),
        ...names.slice(2, 5).map(name => toolUse('file_write', { path: name, content: all })),
        toolUse('<img src=x onerror=__xss(1)>', { '<img src=x onerror=__xss(2)>': all }),
        toolUse('file_read', { path: `/nowhere/${all.slice(0, 500)}` }),
      ]),
      turn([text(`**Bold** ${all}`)]),
    ],
  )
  const goal = `make it work ${payloads.join(' ')}`
  const started = await stage.client.start({
    goal,
    check_command: "sh check.sh # '<img src=x onerror=__xss(3)>",
    cwd: gated,
    instructions: all,
    hitl_enabled: true,
    tags: payloads.slice(0, 10).map(one => one.slice(0, 40)),
  })
  await stage.client.ok('POST', `/api/runs/${started.run_id}/note`, { body: { text: all } })
  const tests = await stage.project(
    {
      'package.json': '{ "type": "module" }\n',
      'names.json': JSON.stringify(payloads),
      'x.test.mjs': `import { readFileSync } from 'node:fs'
import { test } from 'node:test'
for (const name of JSON.parse(readFileSync('names.json', 'utf8'))) test(name, () => { throw new Error(name) })
`,
    },
    [turn([text(all)])],
  )
  const named = await stage.client.start({ goal: 'node-test', cwd: tests, max_iterations: 1 })
  const failing = await stage.project({ ...SHELL_PROJECT }, () => fault.status(400, { message: all }))
  const failed = await stage.client.start({ goal: 'x', check_command: 'false', cwd: failing })
  const settings = await stage.project({
    '.retrai.yml': `goal: ${JSON.stringify(goal)}\ncheck_command: ${JSON.stringify(`: ${payloads[2]}`)}\ninstructions: ${JSON.stringify(all)}\n`,
  })
  for (const { run_id } of [started, named, failed])
    await waitFor(
      `run ${run_id} stands still`,
      async () => !['queued', 'running'].includes((await stage.client.run(run_id)).status),
      { limitMs: 120_000, everyMs: 50 }, // the machine may be busy with other things
    )
  return { runs: [started.run_id, named.run_id, failed.run_id], settings }
}

/** A page that remembers everything that must not happen. */
async function openWatched(newContext: TestBrowser['newContext'], baseURL: string) {
  const context = await newContext({ baseURL, viewport: { width: 1280, height: 900 } })
  const executed: string[] = []
  const violations: string[] = []
  const foreign: string[] = []
  const errors: string[] = []
  await context.exposeFunction('__xss', (n: number) => executed.push(`payload ${n}`))
  await context.exposeFunction('__violation', (said: string) => violations.push(said))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event => {
      const report = (window as unknown as { __violation(said: string): void }).__violation // exposed above
      report(
        `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`,
      )
    })
  })
  const page = await context.newPage()
  page.on('dialog', dialog => {
    executed.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('pageerror', error => errors.push(error.message))
  context.on('request', request => {
    const { protocol, origin } = new URL(request.url())
    if (/^(?:https?|wss?):$/.test(protocol) && origin !== new URL(baseURL).origin) foreign.push(request.url())
  })
  return {
    page,
    executed: () => executed,
    foreign: () => foreign,
    violations: () => violations,
    problems: () => [
      ...executed.slice(0, 5).map(one => `executed: ${one}`),
      ...foreign.slice(0, 5).map(one => `asked elsewhere: ${one}`),
      ...[...new Set(violations)].slice(0, 8).map(one => `against the policy: ${one}`),
      ...[...new Set(errors)].slice(0, 3).map(one => `an error of the page: ${one.slice(0, 200)}`),
    ],
  }
}

/** Opens it, with every row that can be opened, and presses what looks like a link that runs something. */
async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await page.locator('main, [role=main], h1').first().waitFor()
  if (path.includes('view=all') || /[0-9a-f]{12}$/.test(path)) {
    // A page takes keys once its scripts have run; it is live a moment later.
    await page.getByText('Live', { exact: true }).waitFor()
    await page.keyboard.press('k')
    await page.keyboard.press('e')
  }
  await page.evaluate(async () => {
    // Two frames: what is drawn late is drawn.
    await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href]'))
      if (!/^https?:|^mailto:/.test(link.href)) window.__xss?.(-1)
  })
}

/** The same as HTML of a page without a policy: how many of them do something. */
async function countNaive(newContext: TestBrowser['newContext'], payloads: string[]): Promise<number> {
  const context = await newContext()
  const done = new Set<number>()
  await context.exposeFunction('__xss', (n: number) => void done.add(n))
  await context.route(/beacon\.test/, route => {
    done.add(Number(/\/hit\/(\d+)/.exec(route.request().url())?.[1] ?? -1))
    return route.abort()
  })
  const page = await context.newPage()
  for (const [at, payload] of payloads.entries()) {
    if (payload.includes('http-equiv')) continue // it would lead the page away
    if (at % 20 === 0) await page.setContent('<!doctype html><main></main>')
    await page.evaluate(html => {
      const frame = document.createElement('iframe')
      document.querySelector('main')?.append(frame)
      const inner = frame.contentWindow as unknown as { __xss?: unknown } // ours, of the same origin
      inner.__xss = window.__xss
      frame.contentDocument?.write(`<!doctype html><body>${html}`)
      frame.contentDocument?.close()
    }, payload)
  }
  await sleep(500) // whatever loads, fails
  await context.close()
  done.delete(-1)
  return done.size
}
