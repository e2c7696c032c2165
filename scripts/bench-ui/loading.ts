// How soon a page shows what it is about.
import { atMost, type Bench, type Measurement } from './rows.ts'

const SLOWER = 4

export const loading: Measurement = {
  name: 'loading',
  isTimed: true,
  async measure(bench) {
    const { runs, url } = bench
    const paths = { '/runs': '/runs', '/runs/{id} of the long run': `/runs/${runs.long}` }
    const rows = []
    let shifts = 0
    for (const [name, path] of Object.entries(paths)) {
      const seen = await load(bench, path)
      rows.push(atMost(`LCP, ${name}, CPU ${SLOWER}× slower`, seen.lcp, 1200, 'ms'))
      shifts = Math.max(shifts, seen.cls)
    }
    rows.push(atMost('CLS while it loads', shifts, 0.02, '', 3))
    const began = performance.now()
    const html = await (await fetch(`${url}/runs/${runs.long}?ev=${runs.needleSeq}`)).text()
    const took = performance.now() - began
    const isThere = html.includes(`data-row="${runs.needleSeq}"`)
    rows.push({
      name: 'Deep link: the event is in the first HTML',
      value: `${isThere ? 'yes' : 'no'}, answered in ${took.toFixed(0)} ms`,
      budget: 'yes',
      isGood: isThere,
    })
    return rows
  },
}

async function load({ newPage, url }: Bench, path: string) {
  const page = await newPage()
  // Once as it comes: scripts are in the cache of a server that has been used, as those of the browser are.
  await page.goto(url + path)
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  await page.goto(url + path)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 1500)))
  const seen = await page.evaluate(() => ({
    lcp: probes.lcp,
    cls: probes.shifts.reduce((sum, shift) => sum + shift.value, 0),
  }))
  await page.close()
  return seen
}
