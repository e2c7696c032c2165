import { bash, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, toolUse, turn } from '#lib/testing/messages-script'
import { expect, test } from './fixtures.ts'

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
