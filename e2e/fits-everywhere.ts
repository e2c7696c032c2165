// What holds for every state of a page: in both themes, on a desk, on a tablet and on a phone.
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

const WIDTHS = [390, 768, 1280] as const
const THEMES = ['light', 'dark'] as const

/** No finding of axe, however small, and nothing beside the screen. */
export async function expectFitsEverywhere(page: Page, state: string) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 })
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const what = `${state}, ${colorScheme}, ${width} px`
      const axe = new AxeBuilder({ page }).setLegacyMode(true) // no frames to look into; twice as fast
      // Of what axe looks at, a theme changes colours alone.
      const { violations } = await (colorScheme === 'light'
        ? axe
        : axe.withRules(['color-contrast', 'link-in-text-block'])
      ).analyze()
      const found = violations.map(
        ({ id, help, nodes }) =>
          `${id}: ${help}\n${nodes.map(node => `  ${node.html.slice(0, 300)}\n  ${node.failureSummary}`).join('\n')}`,
      )
      expect(found, what).toEqual([])
      const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
      expect(wide, `${what}: scrolls sideways`).toBeLessThanOrEqual(inner!)
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 })
}
