import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineDiff } from './line-diff.ts'

describe('a line diff', () => {
  test('shows changes with context, far ones apart', () => {
    const before = Array.from({ length: 30 }, (_, index) => `${index + 1}\n`).join('')
    const after = before.replace('2\n', 'two\n').replace('\n29\n', '\n')
    expect(lineDiff(before, after)).toEqual({
      insertions: 1,
      deletions: 2,
      diff: '@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n 5\n@@ -26,5 +26,4 @@\n 26\n 27\n 28\n-29\n 30',
    })
  })

  test('of a new or emptied file names the empty side as diff does', () => {
    expect(lineDiff('', 'a\nb\n').diff).toBe('@@ -0,0 +1,2 @@\n+a\n+b')
    expect(lineDiff('a\n', '').diff).toBe('@@ -1 +0,0 @@\n-a')
    expect(lineDiff('a\n', 'a\n')).toEqual({ insertions: 0, deletions: 0, diff: '' })
  })

  test('turns the one text into the other', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 })
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { diff } = lineDiff(`${before.join('\n')}\n`, `${after.join('\n')}\n`, 1e6)
        return apply(before, diff).join('\n') === after.join('\n')
      }),
    )
  })
})

function apply(lines: string[], diff: string): string[] {
  const result: string[] = []
  let at = 0
  for (const line of diff === '' ? [] : diff.split('\n')) {
    const header = /^@@ -(\d+)(?:,(\d+))? /.exec(line)
    if (header) {
      const start = header[2] === '0' ? Number(header[1]) : Number(header[1]) - 1
      while (at < start) result.push(lines[at++]!)
    } else if (line.startsWith('+')) result.push(line.slice(1))
    else if (line.startsWith('-')) at++
    else result.push(lines[at++]!)
  }
  return [...result, ...lines.slice(at)]
}
