import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'

const background = (page: Page) =>
  page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
const brightness = (color: string) => {
  const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map(Number)
  return (r + g + b) / 3
}

test('the theme follows the system, until one is chosen; that one is there from the first byte on', async ({
  page,
  request,
  context,
}) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('/runs')
  expect(brightness(await background(page))).toBeLessThan(80)
  await page.emulateMedia({ colorScheme: 'light' })
  expect(brightness(await background(page))).toBeGreaterThan(180)

  const themes = page.getByRole('group', { name: 'Theme' })
  await themes.getByRole('button', { name: 'Dark' }).click()
  expect(brightness(await background(page))).toBeLessThan(80)
  await page.reload()
  expect(brightness(await background(page))).toBeLessThan(80)
  await expect(themes.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true')
  // The server knows it: no flash of the other one.
  const cookies = (await context.cookies()).map(cookie => `${cookie.name}=${cookie.value}`).join('; ')
  const html = await (await request.get('/runs', { headers: { cookie: cookies } })).text()
  expect(html).toContain('data-theme="dark"')

  await themes.getByRole('button', { name: 'As the system' }).click()
  expect(brightness(await background(page))).toBeGreaterThan(180)
})
