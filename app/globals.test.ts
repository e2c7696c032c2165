// Contrast of the tokens, computed from globals.css itself (WCAG 1.4.3 and 1.4.11).
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const css = readFileSync(new URL('./globals.css', import.meta.url), 'utf8')
const tokens = new Map(
  [...css.matchAll(/--color-([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(m => [
    m[1],
    { light: m[2] ?? '', dark: m[3] ?? '' },
  ]),
)
const SURFACES = ['bg', 'panel', 'raised']
const TEXT = ['text', 'muted', 'accent', 'ok', 'err', 'warn', 'info', 'gate', 'ansi-magenta', 'ansi-cyan']
const THEMES = ['light', 'dark'] as const

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map(i => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(front: string, back: string, theme: 'light' | 'dark'): number {
  const [a, b] = [front, back].map(name => {
    const token = tokens.get(name)
    if (!token) throw new Error(`globals.css has no --color-${name}`)
    return luminance(token[theme])
  }) as [number, number] // two names in, two out
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

const pairs = (fronts: string[], backs: string[]) =>
  THEMES.flatMap(theme => fronts.flatMap(front => backs.map(back => [front, back, theme] as const)))

test.each(pairs(TEXT, SURFACES))('%s can be read on %s, %s', (front, back, theme) => {
  expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(4.5)
})

test.each(pairs(['control', 'accent'], SURFACES))(
  'the border of a control, %s, is seen on %s, %s',
  (front, back, theme) => {
    expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(3)
  },
)

test.each(pairs(['text', 'muted', 'ok', 'err', 'warn', 'info', 'accent'], ['add', 'del']))(
  '%s can be read on a line of a diff, %s, %s',
  (front, back, theme) => {
    expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(4.5)
  },
)

test.each([
  ['on-accent', 'accent'],
  ['gate-text', 'gate-tint'],
  ['err-text', 'err-tint'],
  ['bg', 'gate'],
] as const)('%s can be read on %s in both themes', (front, back) => {
  for (const theme of THEMES) expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(4.5)
})

test('every colour is a token of both themes', () => {
  const declared = [...css.matchAll(/--color-([\w-]+):/g)].map(m => m[1])
  expect(declared.sort()).toEqual([...tokens.keys()].sort())
})
