// Where events stand in the list of a run that shows one per row: place and seq are the same when none is missing or there twice.
import type { Page } from '@playwright/test'
import { expect } from './fixtures.ts'

/** The rows in the document when the list is scrolled to a part of its height. */
async function placesAt(page: Page, part: number): Promise<{ seq: number; place: number }[]> {
  const region = page.getByRole('region', { name: 'Events' })
  await region.evaluate((element, to) => {
    element.scrollTop = to * (element.scrollHeight - element.clientHeight)
  }, part)
  // Something is drawn in its middle.
  await expect
    .poll(() =>
      region.evaluate(element => {
        const { top, height } = element.getBoundingClientRect()
        const middle = top + height / 2
        const boxes = [...element.querySelectorAll('li')].map(item => item.getBoundingClientRect())
        return boxes.some(box => box.top <= middle && box.bottom >= middle)
      }),
    )
    .toBe(true)
  return region.locator('li').evaluateAll(items =>
    items.map(item => ({
      seq: Number(item.querySelector('[data-row]')?.getAttribute('data-row')),
      place: Number(item.getAttribute('aria-posinset')),
    })),
  )
}

/** Loads all of it, and looks at its two ends and at places between them. */
export async function expectWholeHistory(page: Page, last: number, mostRows = 100) {
  await expect(async () => {
    // Each press takes the reader to the first event that is there, and brings those before it.
    await page.keyboard.press('Home')
    await expect(page.locator('[data-row="1"]')).toBeInViewport({ timeout: 500 })
  }).toPass()
  const first = page.getByRole('region', { name: 'Events' }).locator('li').first()
  await expect(first).toHaveAttribute('aria-setsize', String(last))
  for (const part of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    const shown = await placesAt(page, part)
    expect(shown.length).toBeGreaterThan(10)
    expect(shown.length).toBeLessThan(mostRows)
    for (const { seq, place } of shown) expect(seq).toBe(place)
  }
  await page.keyboard.press('End')
  await expect(page.locator(`[data-row="${last}"]`)).toBeInViewport()
}
