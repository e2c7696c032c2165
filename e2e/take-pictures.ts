// The pictures in docs/: every state on a desk and on a phone, in both themes. Taken by `npm run pictures`.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from '@playwright/test'

export async function takePictures(page: Page, state: string, folder: string) {
  await mkdir(folder, { recursive: true })
  // Playwright writes PNG and JPEG; the browser can do WebP, which is a third of the size.
  const browser = await page.context().newCDPSession(page)
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.evaluate(settle)
      const { data } = await browser.send('Page.captureScreenshot', { format: 'webp', quality: 80 })
      await writeFile(path.join(folder, `${state}-${colorScheme}-${width}.webp`), Buffer.from(data, 'base64'))
    }
  }
  await browser.detach()
  await page.setViewportSize({ width: 1280, height: 800 })
}

/** Colours that change with the theme have changed, and it is drawn. */
async function settle() {
  const frame = () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  await frame()
  const finite = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
  await Promise.allSettled(finite.map(({ finished }) => finished))
  await frame()
}
