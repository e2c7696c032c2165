// From the event that opens a gate to the panel and to the diff in it: a real run, a real change.
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bash, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, toolUse, turn } from '#lib/testing/messages-script'
import { atMost, type Measurement } from './rows.ts'

const LAST_LINE = 'the last line that was changed'
const changed = Array.from({ length: 400 }, (_, i) => `line ${i} as the agent wrote it`).concat(LAST_LINE)

export const gate: Measurement = {
  name: 'gate',
  isTimed: true,
  async measure({ stage, newPage, url }) {
    const cwd = await stage.project(SHELL_PROJECT, [
      turn([toolUse('file_write', { path: 'notes.txt', content: `${changed.join('\n')}\n` })]),
      // The page is there first.
      turn([bash('until test -e go-on; do sleep 0.02; done')]),
      turn([text('I have only written notes so far.')]),
    ])
    const { run_id } = await stage.client.start({ ...SHELL_GOAL, cwd, hitl_enabled: true })
    const page = await newPage()
    await page.goto(`${url}/runs/${run_id}`)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'until test -e go-on' }).first().waitFor()
    const seen = page.evaluate(async wanted => {
      const panel = () =>
        document.querySelector('section[aria-label^="Needs you"], [role="region"][aria-label^="Needs you"]')
      const summary = await probes.when(() => /\d+ files?/.test(panel()?.textContent ?? ''))
      const diff = await probes.when(() => panel()?.textContent?.includes(wanted) ?? false)
      return { summary: summary + performance.timeOrigin, diff: diff + performance.timeOrigin }
    }, LAST_LINE)
    await writeFile(path.join(cwd, 'go-on'), '')
    const { summary, diff } = await seen
    const [opened] = await stage.client.events(run_id, '?kind=human_check_required')
    await page.close()
    await stage.client.request('POST', `/api/runs/${run_id}/abort`)
    const since = opened!.ts * 1000
    return [
      atMost('Gate event → panel with diff summary', summary - since, 300, 'ms'),
      atMost('… full diff of 401 lines', diff - since, 1000, 'ms'),
    ]
  },
}
