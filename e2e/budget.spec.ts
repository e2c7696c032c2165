import { gzipSync } from 'node:zlib'
import type { APIRequestContext } from '@playwright/test'
import { repairShell } from '#lib/testing/make-project'
import { expect, test } from './fixtures.ts'

/** Sum of the scripts that the first HTML names, as they go over the wire at best. */
async function scriptsOf(request: APIRequestContext, url: string): Promise<number> {
  const html = await (await request.get(url)).text()
  // `nomodule` is for browsers that cannot run the rest.
  const tags = [...html.matchAll(/<script[^>]+src="([^"]+)"[^>]*>/g)].filter(
    ([tag]) => !/nomodule/i.test(tag),
  )
  const names = new Set(tags.map(([, src]) => src!))
  expect(names.size).toBeGreaterThan(2)
  let total = 0
  for (const name of names) total += gzipSync(await (await request.get(name)).body(), { level: 9 }).length
  return Math.round(total / 1024)
}

test('the pages stay small: scripts of the first HTML, gzipped', async ({ request, startRun, client }) => {
  const { run_id: runId } = await startRun(repairShell)
  await client.until(runId, 'achieved')
  const list = await scriptsOf(request, '/')
  const run = await scriptsOf(request, `/runs/${runId}`)
  console.log(`scripts gzipped: list ${list} kB, run page ${run} kB`)
  expect(list).toBeLessThanOrEqual(190)
  expect(run).toBeLessThanOrEqual(230)
})
