import { expect, test } from 'vitest'
import { nearestWidth, PANES, panesText, readPanes, stepWidth, widthClass } from './panes.ts'

test('what was chosen comes back from the cookie as it was', () => {
  const panes = { rail: { width: 288, open: false }, inspector: { width: 544, open: true } }
  expect(readPanes(panesText(panes))).toEqual(panes)
})

test('a cookie that says nothing usable leaves the panes as usual', () => {
  const usual = { rail: { width: 208, open: true }, inspector: { width: 352, open: false } }
  for (const cookie of [undefined, '', 'x', 'rail.999999.1', 'rail.-3.1-inspector..0', '__proto__.200.1'])
    expect(readPanes(cookie)).toEqual(usual)
  expect(readPanes('inspector.500.1').inspector).toEqual({ width: 480, open: true })
})

test('widths go in steps that all have a class, and end at the narrowest and the widest', () => {
  for (const name of ['rail', 'inspector'] as const) {
    for (const width of PANES[name].widths) expect(widthClass({ width, open: true })).toBe(`w-[${width}px]`)
    expect(stepWidth(name, 0, -1)).toBe(PANES[name].widths[0])
    expect(stepWidth(name, 9999, 1)).toBe(PANES[name].widths.at(-1))
  }
  expect(stepWidth('rail', 208, 1)).toBe(240)
  expect(nearestWidth('rail', 230)).toBe(240)
})
