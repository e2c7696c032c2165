import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isAppError } from '#lib/errors'
import { parseInput, readQuery } from './read-input.ts'

/** `pointer: detail` of every field that is wrong. */
function faults(schema: z.ZodType, value: unknown): string[] {
  try {
    parseInput(schema, value, 'invalid')
    return []
  } catch (error) {
    if (!isAppError(error)) throw error
    return (error.fields ?? []).map(({ pointer, detail }) => `${pointer}: ${detail}`)
  }
}
const fault = (schema: z.ZodType, value: unknown) => faults(z.strictObject({ x: schema }), { x: value })

describe('a sentence', () => {
  it.each([
    [z.string(), undefined, '/x: is missing'],
    [z.string(), 7, '/x: must be a string'],
    [z.number(), '7', '/x: must be a number'],
    [z.number(), Number.NaN, '/x: must be a number'],
    [z.int(), 1.5, '/x: must be a whole number'],
    [z.boolean(), null, '/x: must be a boolean'],
    [z.array(z.string()), {}, '/x: must be an array'],
    [z.object({}), [], '/x: must be an object'],
    [z.string().min(1), '', '/x: must not be empty'],
    [z.string().min(3), 'ab', '/x: must have at least 3 characters'],
    [z.string().max(3), 'abcd', '/x: must have at most 3 characters'],
    [z.array(z.string()).max(1), ['a', 'b'], '/x: must have at most 1 items'],
    [z.number().min(2), 1, '/x: must be at least 2'],
    [z.number().max(2), 3, '/x: must be at most 2'],
    [z.number().positive(), 0, '/x: must be more than 0'],
    [z.enum(['a', 'b']), 'c', '/x: must be one of a, b'],
    [z.union([z.enum(['a', 'b']), z.array(z.string())]), 7, '/x: must be one of a, b, or must be an array'],
    [z.int('must be 1 to 9').max(9, 'must be 1 to 9'), 10, '/x: must be 1 to 9'],
  ])('says what the field must be: %#', (schema, value, sentence) => {
    expect(fault(schema, value)).toEqual([sentence])
  })

  it('names the place, escaped as a JSON pointer', () => {
    const schema = z.strictObject({ 'a/b': z.strictObject({ '~': z.array(z.string()) }) })
    expect(faults(schema, { 'a/b': { '~': ['ok', 1] } })).toEqual(['/a~1b/~0/1: must be a string'])
  })

  it('of the whole names the first field', () => {
    const parse = () => parseInput(z.strictObject({ goal: z.string() }), {}, 'invalid')
    expect(parse).toThrow(expect.objectContaining({ code: 'invalid', message: 'goal: is missing' }))
  })
})

describe('what nobody knows', () => {
  it('is refused with the nearest name, if one is near', () => {
    const schema = z.strictObject({ max_iterations: z.int().optional(), goal: z.string().optional() })
    expect(faults(schema, { max_iteration: 1 })).toEqual([
      '/max_iteration: unknown field; did you mean max_iterations?',
    ])
    expect(faults(schema, { colour: 1 })).toEqual(['/colour: unknown field'])
    expect(faults(schema.optional(), { goel: 1 })).toEqual(['/goel: unknown field; did you mean goal?'])
  })

  it('does not make the answer as large as the request', () => {
    const many = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`${index}${'x'.repeat(1000)}`, 1]),
    )
    const list = faults(z.strictObject({}), many)
    expect(list.length).toBeLessThanOrEqual(20)
    expect(list.join('').length).toBeLessThan(10_000)
  })
})

describe('a query', () => {
  it('is an object of what was given, each name once', () => {
    const url = new URL('http://localhost/?a=1&b=x%2Cy&c=')
    expect(readQuery(url)).toEqual({ a: '1', b: 'x,y', c: '' })
    expect(() => readQuery(new URL('http://localhost/?a=1&a=2'))).toThrow(
      expect.objectContaining({
        code: 'bad_query',
        message: 'a was given twice; use commas for several values',
      }),
    )
  })

  it('has names that are only names', () => {
    const query = readQuery(new URL('http://localhost/?__proto__=1&constructor=2&toString=3'))
    expect(Object.keys(query)).toEqual(['__proto__', 'constructor', 'toString'])
    expect(Object.getPrototypeOf(query)).toBe(Object.prototype)
  })
})
