// Goes to things as somebody without a mouse does, and holds each stop on the way to what makes that possible: the focus is
// seen, and nothing lies over it.
import { expect, type Locator, type Page } from '@playwright/test'

/** Presses Tab until this has the focus. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab') {
  await expect(target).toBeVisible()
  for (let stops = 0; stops < 80; stops++) {
    if (await hasFocus(target)) return
    await page.keyboard.press(key)
    await expectFocusSeen(page)
  }
  throw new Error(`80 stops, and none of them was ${target}`)
}

const hasFocus = (target: Locator) => target.evaluate(element => element === document.activeElement)

async function expectFocusSeen(page: Page) {
  const fault = await page.evaluate(() => {
    const element = document.activeElement
    if (!(element instanceof HTMLElement) || element === document.body) return null // between the last and the first
    const name = element.outerHTML.slice(0, 160)
    // A box that is only drawn by its label shows the focus there.
    const isHidden = element.getBoundingClientRect().width <= 1
    const drawn = isHidden ? (element.closest('label') ?? element.parentElement!) : element
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(drawn)
    if ((outlineStyle === 'none' || Number.parseFloat(outlineWidth) < 2) && boxShadow === 'none')
      return `The focus is not seen on ${name}`
    const box = drawn.getBoundingClientRect()
    if (box.width === 0 || box.bottom <= 0 || box.top >= innerHeight)
      return `The focus is out of view on ${name}`
    // WCAG 2.4.11: some of it is to be seen; what counts here is a point of its upper, middle or lower part.
    const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1)
    const seen = [0.15, 0.5, 0.85].some(part => {
      const y = Math.min(Math.max(box.top + box.height * part, 1), innerHeight - 1)
      const top = document.elementFromPoint(x, y)
      return top !== null && (drawn.contains(top) || top.contains(drawn))
    })
    return seen ? null : `Something lies over the focus on ${name}`
  })
  expect(fault).toBeNull()
}
