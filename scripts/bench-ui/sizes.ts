// What goes over the wire before a page works, and when the diff view is opened.
import { gzipSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { repairShell, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { atMost, type Bench, type Measurement } from './rows.ts'

export const sizes: Measurement = {
  name: 'sizes',
  isTimed: false,
  async measure(bench) {
    const list = await firstLoad(bench, '/runs')
    const run = await firstLoad(bench, `/runs/${bench.runs.long}`)
    return [
      atMost('First-load JS, /runs (gz)', list.js, 190, 'kB'),
      atMost('First-load JS, /runs/{id} (gz)', run.js, 230, 'kB'),
      atMost('Lazy: diff view, over the run page (gz)', await diffView(bench), 220, 'kB'),
      atMost('CSS (gz)', Math.max(list.css, run.css), 18, 'kB', 1),
    ]
  },
}

async function firstLoad({ url }: Bench, path: string) {
  const html = await (await fetch(url + path)).text()
  // `nomodule` is for browsers that cannot run the rest.
  const tags = [...html.matchAll(/<script[^>]+src="([^"]+)"[^>]*>/g)].filter(
    ([tag]) => !/nomodule/i.test(tag),
  )
  const styles = [...html.matchAll(/<link[^>]+rel="stylesheet"[^>]*>/g)].map(
    ([tag]) => /href="([^"]+)"/.exec(tag)![1]!,
  )
  return {
    js: await sum(
      url,
      tags.map(([, src]) => src!),
    ),
    css: await sum(url, styles),
  }
}

async function sum(url: string, names: string[]): Promise<number> {
  let bytes = 0
  for (const name of new Set(names)) {
    const body = await (await fetch(new URL(name, url))).arrayBuffer()
    bytes += gzipSync(new Uint8Array(body), { level: 9 }).length
  }
  return bytes / 1024
}

async function diffView({ stage, newPage, url }: Bench): Promise<number> {
  const cwd = await stage.project(SHELL_PROJECT, repairShell)
  const { run_id } = await stage.client.finish({ ...SHELL_GOAL, cwd })
  const page = await newPage()
  await page.goto(`${url}/runs/${run_id}`)
  await page.getByText('Live', { exact: true }).waitFor()
  const loaded = new Set(await scriptsOf(page))
  await page.getByRole('tab', { name: /^Changes/ }).click()
  await page.getByText('works').first().waitFor()
  const more = (await scriptsOf(page)).filter(name => !loaded.has(name))
  await page.close()
  return sum(url, more)
}

const scriptsOf = (page: Page) =>
  page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(entry => entry.name)
      .filter(name => /\.js($|\?)/.test(name)),
  )
