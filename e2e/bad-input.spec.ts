import path from 'node:path'
import type { RunEvent } from '#lib/contract/event'
import { project as projected } from '#lib/events/projection'
import { openStore } from '#lib/store/store'
import { bash, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, toolUse, turn } from '#lib/testing/messages-script'
import { endEvent, newRecord, startEvent } from '#lib/testing/records'
import { expect, test } from './own-stage.ts'

// Each of them would call alert, ask another machine for something or escape from where it stands, were it not shown as text.
const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(2)>',
  '<img src="http://evil.test/beacon.png">',
  '![beacon](http://evil.test/markdown.png)',
  '[click](javascript:alert(3))',
  '</script><script>alert(4)</script>',
  '<svg onload=alert(5)>',
  '<iframe src="http://evil.test/"></iframe>',
  '<style>@import "http://evil.test/x.css"</style>',
  '\u001b]8;;http://evil.test\u0007link\u001b]8;;\u0007 \u001b[2J\u001b]0;title\u0007',
  '\u202Egnp.exe \u200Bhidden',
]
const SCRIPT_NAME = '<img src=x onerror=alert(6)>.txt'

test('what a run prints is shown as text: no dialog, no script, nothing asked of another machine', async ({
  page,
  project,
  client,
}) => {
  const all = ATTACKS.join('\n')
  const cwd = await project(
    {
      ...SHELL_PROJECT,
      'check.sh': `cat attacks.txt; printf '%s' '<script>alert(7)</script>'; exit 1\n`,
      'attacks.txt': all,
    },
    [
      turn([
        text(all),
        bash('cat attacks.txt'),
        toolUse('file_write', { path: SCRIPT_NAME, content: all }),
        toolUse('<b>tool</b>', { '<i>arg</i>': all }),
      ]),
      turn([text(`**Bold** ${all}`)]),
    ],
  )
  const goal = `make it work ${ATTACKS.join(' ')}`
  const { run_id: runId } = await client.start({
    goal,
    check_command: 'sh check.sh',
    cwd,
    hitl_enabled: true,
    tags: ['<script>alert(8)</script>'.slice(0, 50)],
  })
  await client.until(runId, 'waiting')

  const urls = ['/runs', '/needs-you', `/runs/${runId}`, `/runs/${runId}?view=all`, `/runs/new?from=${runId}`]
  for (const tab of ['changes', 'checks', 'usage', 'config']) urls.push(`/runs/${runId}?tab=${tab}`)
  for (const url of urls) {
    await page.goto(url)
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    if (/view=all|[0-9a-f]{12}$/.test(url)) {
      // Every row opened: what it holds is drawn.
      await page.keyboard.press('k')
      await page.keyboard.press('e')
    }
    expect(
      await page.evaluate(
        () => document.querySelectorAll('iframe, img[src*="evil"], a[href^="javascript"]').length,
      ),
    ).toBe(0)
    const scripts = await page.evaluate(
      () =>
        [...document.scripts].filter(script => /alert\(\d\)/.test(script.text) && script.text.length < 60)
          .length,
    )
    expect(scripts).toBe(0)
  }
  // Not even a fault of ours could make text into markup or code: the browser itself refuses.
  const refused = await page.evaluate(() => {
    const made = [
      () => document.body.insertAdjacentHTML('beforeend', '<b>x</b>'),
      () => document.head.append(Object.assign(document.createElement('script'), { text: 'alert(9)' })),
      () =>
        document.head.append(
          Object.assign(document.createElement('script'), { src: 'http://evil.test/x.js' }),
        ),
    ]
    return made.map(make => {
      try {
        make()
        return 'made'
      } catch (error) {
        return (error as Error).name
      }
    })
  })
  expect(refused).toEqual(['TypeError', 'TypeError', 'TypeError'])
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.goto(`/runs/${runId}`)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('<script>alert(1)</script>')
  await expect(page).toHaveTitle(/<script>alert\(1\)<\/script>/)
  await client.request('POST', `/api/runs/${runId}/abort`)
  // The page object fails the test at any dialog, any error in the console and any request to another machine.
})

const MIGRATIONS = path.join(import.meta.dirname, '../prisma/sqlite/migrations')
const ESC = '\u001b'
/** What no honest server of this version writes: another one did, or somebody at its database. */
const STRANGE: { kind: string; payload: unknown }[] = [
  { kind: 'hologram', payload: { text: '<img src="http://evil.test/hologram.png">', depth: 3 } },
  { kind: '<script>alert(10)</script>', payload: ATTACKS },
  { kind: 'constructor', payload: { __proto__: null, toString: 1 } },
  { kind: 'tool_call', payload: null },
  { kind: 'tool_result', payload: { call_id: 7, output: { not: 'text' } } },
  { kind: 'goal_check', payload: {} },
  { kind: 'iteration_complete', payload: [] },
  { kind: 'llm_usage', payload: 'usage' },
  { kind: 'reasoning', payload: { text: null } },
]
const call = (id: string, command: string, output: string): { kind: string; payload: unknown }[] => [
  { kind: 'tool_call', payload: { call_id: id, tool: 'bash_exec', args: { command } } },
  {
    kind: 'tool_result',
    payload: {
      call_id: id,
      tool: 'bash_exec',
      output,
      exit_code: 0,
      status: 'ok',
      duration_ms: 1,
      truncated: false,
      bytes: output.length,
    },
  },
]
const HEAVY = [
  ...call('big', 'five megabytes in a line', 'x'.repeat(5 << 20)),
  ...call('lines', 'a million lines', 'y\n'.repeat(1 << 20)),
  ...call('bomb', 'colours', `${ESC}[38;5;1m${ESC}[1m${ESC}[4m`.repeat(40_000)),
  ...call('moves', 'moves', `${ESC}[99999;99999H${ESC}[2J${ESC}]52;c;aGk=\u0007${ESC}[?1049h`.repeat(5000)),
  ...call('halves', 'half characters', '\ud800 \udfff \ufffd\ufffe \u0000\u0007\u009b31m'),
  ...call('marks', 'marks on one letter', `a${'\u0301'.repeat(50_000)}`),
  {
    kind: 'reasoning',
    payload: { text: `${'> '.repeat(20_000)}deep ${'[x]('.repeat(20_000)} ${'*'.repeat(50_000)}` },
  },
]

test('events of other versions, broken ones and very large ones are shown as far as they go, and the page survives them', async ({
  page,
  open,
  expected,
}) => {
  // It has no folder, so there is no diff of it.
  expected.push(/answer 404: GET .*\/diff/, /status of 404 .*\/diff/)
  const record = newRecord({ goal: 'strange things' })
  const { server } = await open({}, async dataDir => {
    const store = await openStore(path.join(dataDir, 'retrai.db'), MIGRATIONS)
    await store.createRun(record)
    const events = [startEvent(), ...STRANGE, ...HEAVY, endEvent({}, 1)].map(
      ({ kind, payload }, i) =>
        ({ kind, payload, run_id: record.id, iteration: i > 0 ? 1 : 0, seq: i + 1, ts: 1e9 + i }) as RunEvent, // that they are none is the point
    )
    // As the journal would, but for the check of what it stores.
    const ended = projected({ ...record, lastSeq: events.length - 1, iteration: 1 }, events.at(-1)!)
    await store.commit([{ events, record: ended }])
    await store.close()
  })
  const url = `${server.url}/runs/${record.id}`
  const activity = page.getByRole('region', { name: 'Activity' })
  for (const view of ['', '?view=all']) {
    await page.goto(url + view)
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    // What is large is not in the first HTML; the way up brings it.
    const strange = activity.getByRole('button', { name: 'hologram' }).first()
    await expect(async () => {
      await page.keyboard.press('Home')
      await expect(strange).toBeInViewport({ timeout: 1000 })
    }).toPass()
    await expect(page.getByRole('main')).toContainText('The goal is met')
    // Every row opened: what it holds is drawn, and scrolled through.
    await page.keyboard.press('k')
    await page.keyboard.press('e')
    for (const key of ['Home', 'End', 'Home']) {
      await page.keyboard.press(key)
      await page.evaluate(() => new Promise(resolve => requestAnimationFrame(resolve)))
    }
    await expect(activity.getByRole('button', { name: /five megabytes/ }).first()).toBeAttached()
    expect(await page.evaluate(() => document.querySelectorAll('img, iframe, [style*="url("]').length)).toBe(
      0,
    )
  }
  // Nothing is wider than the screen, and what is large is not in the document.
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  expect(await page.evaluate(() => document.body.innerHTML.length)).toBeLessThan(5 << 20)
  for (const tab of ['changes', 'checks', 'usage', 'config']) {
    await page.goto(`${url}?tab=${tab}`)
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    await expect(page.getByRole('tabpanel')).not.toContainText('cannot be shown')
  }
  // They are what they were for whoever reads them from outside.
  const stored = (await (
    await fetch(`${server.url}/api/runs/${record.id}/events?limit=20`)
  ).json()) as RunEvent[]
  expect(stored.map(event => event.kind)).toContain('hologram')
})
