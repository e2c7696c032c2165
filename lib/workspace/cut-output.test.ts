import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutForModel, cutOutput } from './cut-output.ts'

describe('cutting output', () => {
  test('leaves short output alone', () => {
    expect(cutOutput('short', { headBytes: 3, tailBytes: 2 })).toEqual({
      text: 'short',
      bytes: 5,
      truncated: false,
    })
  })

  test('keeps head and tail and says how much is missing', () => {
    const { text, bytes, truncated } = cutOutput('a'.repeat(10_000) + 'b'.repeat(10_000), {
      headBytes: 5,
      tailBytes: 5,
    })
    expect(text).toBe('aaaaa\n[… 19,990 bytes left out …]\nbbbbb')
    expect([bytes, truncated]).toEqual([20_000, true])
  })

  test('takes the pieces it came in, also when a character is split between them', () => {
    const euro = Buffer.from('€')
    const pieces = [euro.subarray(0, 1), euro.subarray(1)]
    expect(cutOutput(pieces, { headBytes: 10, tailBytes: 10 }).text).toBe('€')
  })

  test('never cuts a character in two, and never loses or doubles a byte', () => {
    const limits = { headBytes: fc.nat(40), tailBytes: fc.nat(40) }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.record(limits), (text, cut) => {
        const result = cutOutput(text, cut)
        if (!result.truncated) return result.text === text
        const [, head, missing, tail] = /^([\s\S]*)\n\[… ([\d,]+) bytes left out …\]\n([\s\S]*)$/.exec(
          result.text,
        )!
        const bytes =
          Buffer.byteLength(head!) + Number(missing!.replaceAll(',', '')) + Buffer.byteLength(tail!)
        return text.startsWith(head!) && text.endsWith(tail!) && bytes === Buffer.byteLength(text)
      }),
    )
  })
})

describe('cutting for the model', () => {
  test('leaves what fits alone', () => {
    expect(cutForModel('x'.repeat(30_000))).toEqual({ text: 'x'.repeat(30_000), truncated: false })
  })

  test('cuts between lines and counts them', () => {
    const text = Array.from({ length: 10_000 }, (_, index) => `line ${index}`).join('\n')
    const cut = cutForModel(text, 1000)
    expect(cut.truncated).toBe(true)
    expect(cut.text.length).toBeLessThan(1100)
    expect(cut.text).toMatch(
      /^line 0\n[\s\S]*line \d+\n\[… [\d,]+ characters \([\d,]+ lines\) left out …\]\nline \d+\n[\s\S]*line 9999$/,
    )
  })

  test('cuts one endless line too, not through a surrogate pair', () => {
    const { text } = cutForModel('😀'.repeat(30_000), 1001)
    expect(Buffer.from(text).toString()).toBe(text)
    expect(text.length).toBeLessThan(1100)
  })
})
