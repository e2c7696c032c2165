import { expect, test } from 'vitest'
import { atOf, placeText, readPlace } from './line-place.ts'
import { parsePatch } from './parse-patch.ts'
import { splitRows } from './split-rows.ts'

const PATCH = `diff --git a/a.txt b/a.txt
--- a/a.txt
+++ b/a.txt
@@ -1,5 +1,5 @@
 one
-two
-three
+2
 four
-five
+5
+six
`

test('what was taken away stands beside what was put there', () => {
  const [file] = parsePatch(PATCH) ?? []
  const rows = splitRows(file?.hunks[0]?.lines ?? [])
  expect(rows.map(({ left, right }) => [left?.text ?? null, right?.text ?? null])).toEqual([
    ['one', 'one'],
    ['two', '2'],
    ['three', null],
    ['four', 'four'],
    ['five', '5'],
    [null, 'six'],
  ])
  expect(rows.map(({ left, right }) => atOf((right ?? left)!))).toEqual(['L1', 'L2', 'B3', 'L3', 'L4', 'L5'])
})

test('the address of a line leads back to it, whatever the file is called', () => {
  for (const place of [
    { path: 'src/a.ts', at: 'L42' },
    { path: 'a#b.ts', at: 'B7' },
    { path: 'a b/ü.ts', at: null },
  ])
    expect(readPlace(placeText(place), [])).toEqual(place)
  expect(readPlace('odd#L3', ['odd#L3'])).toEqual({ path: 'odd#L3', at: null })
  expect(readPlace('src/a.ts#L42-L48', [])).toEqual({ path: 'src/a.ts', at: 'L42' })
  expect(readPlace('src/a.ts#L', [])).toEqual({ path: 'src/a.ts#L', at: null })
  expect(readPlace('', [])).toBeNull()
})
