// What holds for every state of a page: in both themes, on a desk and on a phone.
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'

/** Nothing serious for axe, nothing beside the screen. Leaves a picture of each. */
export async function expectFitsEverywhere(page: Page, state: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 800 })
      const what = `${state}-${colorScheme}-${width}`
      const { violations } = await new AxeBuilder({ page }).analyze()
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      expect(
        serious.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`),
        what,
      ).toEqual([])
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
      expect(widths[0], what).toBeLessThanOrEqual(widths[1]!)
      await page.screenshot({ path: test.info().outputPath(`${what}.png`) })
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 })
}
