// What the reader's system asks for: less motion, its own colours, larger text, more room between lines, room for a thumb.
import type { Page } from '@playwright/test'
import { bash, repairShellAtSecond } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { expect, test } from './fixtures.ts'

const approve = (page: Page) => page.getByRole('button', { name: 'Approve and continue' })
const live = (page: Page) => expect(page.getByText('Live', { exact: true })).toBeVisible()

const expectNothingBeside = async (page: Page, what: string) =>
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
    what,
  ).toBeLessThanOrEqual(0)

test('whoever wants less motion sees none, and what turns elsewhere is said in words', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId } = await startRun([turn([text('This takes long.'), bash('sleep 600')])])
  await client.until(runId, 'running')
  const moving = () =>
    page.evaluate(
      () =>
        document
          .getAnimations()
          .filter(
            ({ playState, effect }) => playState === 'running' && Number(effect?.getTiming().duration) > 1,
          ).length,
    )
  for (const url of ['/runs', `/runs/${runId}`]) {
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    await page.goto(url)
    await live(page)
    await expect(page.getByText(/^running/).first()).toBeVisible()
    await expect.poll(moving, `${url} moves`).toBeGreaterThan(0) // else the next would hold of anything
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await expect.poll(moving, `${url} stands still`).toBe(0)
  }
})

test('with the colours of the system, controls keep their edges and states their shapes', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId } = await startRun(repairShellAtSecond, { hitl_enabled: true })
  await client.until(runId, 'waiting')
  await page.emulateMedia({ forcedColors: 'active' })
  for (const url of ['/runs', '/runs/new', '/settings', `/runs/${runId}`]) {
    await page.goto(url)
    await live(page)
    const faults = await page.evaluate(() => {
      const canvas = getComputedStyle(document.body).backgroundColor
      const isSeen = (element: Element) =>
        element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })
      const hasEdge = (element: Element) => {
        const { borderTopStyle, borderTopWidth, borderTopColor } = getComputedStyle(element)
        return borderTopStyle !== 'none' && borderTopWidth !== '0px' && borderTopColor !== canvas
      }
      const fields = [
        ...document.querySelectorAll(
          'input:not([type=checkbox],[type=radio],[type=hidden]), select, textarea',
        ),
      ]
      const icons = [...document.querySelectorAll('main svg, nav svg')]
      return [
        ...fields
          .filter(field => isSeen(field) && !hasEdge(field))
          .map(field => `no edge: ${field.outerHTML.slice(0, 200)}`),
        ...icons
          .filter(icon => isSeen(icon) && getComputedStyle(icon).color === canvas)
          .map(icon => `not seen: ${icon.outerHTML.slice(0, 200)}`),
      ]
    })
    expect(faults, url).toEqual([])
  }
  const edge = await approve(page).evaluate(button => getComputedStyle(button).borderTopStyle)
  expect(edge).not.toBe('none')
})

test('at 200 % and at 320 px everything is there, a gate is read and approved, and text may be set wider', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId } = await startRun(repairShellAtSecond, { hitl_enabled: true })
  await client.until(runId, 'waiting')
  const pages = [
    '/runs',
    '/runs/new',
    '/needs-you',
    '/compare',
    '/health',
    '/settings',
    '/docs/api',
    `/runs/${runId}`,
  ]
  for (const [width, height] of [
    [640, 400], // 1280 × 800 at 200 %
    [320, 256], // 1280 × 1024 at 400 %, WCAG 1.4.10
  ] as const) {
    await page.setViewportSize({ width, height })
    for (const url of pages) {
      await page.goto(url)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expectNothingBeside(page, `${url}, ${width} px`)
    }
  }
  // WCAG 1.4.12, as a reader's own style sheet would have it.
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(
      '* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }',
    )
    document.adoptedStyleSheets = [sheet]
  })
  await expectNothingBeside(page, 'wider text')
  await approve(page).scrollIntoViewIfNeeded()
  await approve(page).click()
  await expect(page.getByRole('main')).toContainText('The goal is met')
})

test.describe('with a thumb', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } })

  test('nothing to press is smaller than 44 px, and with a mouse nothing smaller than 24', async ({
    page,
    startRun,
    client,
    browser,
    baseURL,
  }) => {
    const { run_id: runId } = await startRun(repairShellAtSecond, { hitl_enabled: true })
    await client.until(runId, 'waiting')
    const desk = await browser.newPage({
      hasTouch: false,
      isMobile: false,
      viewport: { width: 1280, height: 800 },
    })
    const faults: string[] = []
    for (const url of ['/runs', '/runs/new', '/needs-you', '/settings', '/health', `/runs/${runId}`]) {
      for (const [where, least] of [
        [page, 44],
        [desk, 24],
      ] as const) {
        await where.goto(new URL(url, baseURL).href)
        await live(where)
        faults.push(...(await tooSmall(where, least)).map(fault => `${url}, under ${least} px: ${fault}`))
      }
    }
    expect(faults).toEqual([])
    await desk.close()
  })
})

/** What can be pressed and is smaller, but for links within a sentence, as WCAG 2.5.8 has it. */
const tooSmall = (page: Page, least: number) =>
  page.evaluate(least => {
    const all = document.querySelectorAll<HTMLElement>(
      'button, a[href], select, summary, input:not([type=hidden]), textarea, [role=tab], [role=option], [role=menuitem]',
    )
    return [...all]
      .filter(
        element => element.checkVisibility() && !element.matches('.sr-only, .sr-only *, [aria-hidden=true]'),
      )
      .filter(element => !(element.matches('a') && getComputedStyle(element).display === 'inline'))
      .map(element => {
        // A label is pressed for what it names.
        const label = element.matches('input[type=checkbox], input[type=radio]')
          ? element.closest('label')
          : null
        // A link in a row can be spread over all of it.
        let row: Element | null =
          getComputedStyle(element, '::after').position === 'absolute' ? element : null
        while (row && getComputedStyle(row).position === 'static') row = row.parentElement
        const { width, height } = (label ?? row ?? element).getBoundingClientRect()
        return { width, height, element }
      })
      .filter(({ width, height }) => width > 0 && Math.min(width, height) < least - 0.5)
      .map(({ width, height, element }) => `${width} × ${height}: ${element.outerHTML.slice(0, 160)}`)
  }, least)
