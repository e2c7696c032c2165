import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formsOf } from './forms.ts'
import { createRedactor, MARK } from './redactor.ts'

const SECRET = 'canary/Q7+z?tR4& "pw" é'
const redactor = () => createRedactor([SECRET, 'token-of-sixteen-1'])

const b64 = (text: string) => Buffer.from(text).toString('base64')

test.each([
  ['as it is', SECRET],
  ['in JSON', JSON.stringify({ key: SECRET })],
  ['in JSON in JSON', JSON.stringify(JSON.stringify({ key: SECRET }))],
  ['URL-encoded', encodeURIComponent(SECRET)],
  ['URL-encoded in small letters', encodeURIComponent(SECRET).replace(/%../g, code => code.toLowerCase())],
  ['in a form', new URLSearchParams({ key: SECRET }).toString()],
  ['in hex', Buffer.from(SECRET).toString('hex')],
  ['in capital hex', Buffer.from(SECRET).toString('hex').toUpperCase()],
  ['in base64', b64(SECRET)],
  ['in base64 behind one byte', b64(`x${SECRET} and more`)],
  ['in base64 behind two bytes', b64(`xy${SECRET}`)],
  ['in base64url', Buffer.from(`ab${SECRET}`).toString('base64url')],
  [
    'in wrapped base64',
    b64(`${'some words before it '.repeat(5)}${SECRET} and after`).replace(/.{76}|.$/g, '$&\n'),
  ],
  [
    'in wrapped hex',
    Buffer.from(`${'x'.repeat(23)}${SECRET}`)
      .toString('hex')
      .replace(/.{60}|.$/g, '$&\n'),
  ],
  ['in HTML', SECRET.replaceAll('&', '&amp;').replaceAll('"', '&quot;')],
])('a known value %s is taken out', (_, text) => {
  const clean = redactor().text(`before ${text} after`)
  expect(clean).toMatch(MARK)
  expect(clean).toMatch(/^before .* after$/s)
  for (const form of formsOf(SECRET)) expect(clean).not.toContain(form)
})

const KEY = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEowIBAAKCAQEAx7Vq3pLwXn0\n'.repeat(4)}-----END RSA PRIVATE KEY-----`
const PATTERNS = {
  'a private key': KEY,
  'a private key in JSON': JSON.stringify(KEY),
  'a private key without its end': KEY.slice(0, 100),
  'a private key without its beginning': KEY.slice(40),
  'a private key with line numbers': KEY.replace(/^/gm, '12\t'),
  'a key of Anthropic': 'sk-ant-api03-Zx81Lm-qPw_7',
  'a key of OpenAI': 'sk-proj-aB3dE5fG7hJ9kL1mN3pQ5rS7',
  'a token of GitHub': 'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  'a fine-grained token of GitHub': 'github_pat_11ABCDEFG0abcdefghijklmn_0123456789',
  'a key of AWS': 'AKIA5GZQ7RX2MNBV4TYU',
  'a token of Slack': 'xoxb-1234567890-abcdefghijABCDEF',
  'a token of GitLab': 'glpat-aB3dE5fG7hJ9kL1mN3pQ',
  'a token of npm': 'npm_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5',
  'a JWT': 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiIsIm4iOjF9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
}

test.each(Object.entries(PATTERNS))('%s is known by its looks, plain and encoded', (_, secret) => {
  const { text } = createRedactor([])
  for (const form of [secret, b64(secret), b64(`k=${secret}`), Buffer.from(secret).toString('hex')]) {
    const clean = text(`x = ${form}\nnext line`)
    expect(clean).toMatch(MARK)
    expect(clean).not.toContain(form.slice(6, 26))
    expect(clean).toContain('next line')
  }
})

test('of an address only the password goes', () => {
  const clean = createRedactor([]).text('DB=postgres://app:Xk3-9vQz@db.internal/app')
  expect(clean).toMatch(/^DB=postgres:\/\/app:\[redacted:\w{8}\]@db\.internal\/app$/)
})

test.each([
  'postgres://postgres:postgres@localhost:5432/test',
  'postgres://user:password@host/db and https://$USER:$PASSWORD@host and redis://:{password}@host',
  'AKIAIOSFODNN7EXAMPLE',
  '.sk-fading-circle .sk-circle-fade-dot-container { }',
  'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'sk-your-api-key-goes-in-here',
  'import { createSnapshots } from "./snapshots-of-the-workspace/createSnapshots2ForEverybody.ts"',
  '-----BEGIN CERTIFICATE-----\nMIIEowIBAAKCAQEAx7Vq3pLwXn0\n-----END CERTIFICATE-----',
  'const header = "-----BEGIN PRIVATE KEY-----"',
  'http://localhost:3000/api/runs?after=3@2',
])('no secret: %s', text => {
  expect(createRedactor(['a-secret-of-somebody']).text(text)).toBe(text)
})

test('wherever a secret is cut between pieces, nothing of it is shown', () => {
  const secrets = [
    SECRET,
    'token-of-sixteen-1',
    ...Object.entries(PATTERNS).flatMap(([name, value]) => (name.includes('without') ? [] : [value])),
  ]
  fc.assert(
    fc.property(
      fc.constantFrom(...secrets),
      fc.array(fc.nat(200), { maxLength: 6 }),
      fc.boolean(),
      (secret, cuts, inBase64) => {
        const shown = inBase64 ? b64(secret) : secret
        const all = `out: ${shown} done\nlast line`
        const places = [0, ...cuts.filter(cut => cut < all.length).sort((a, b) => a - b), all.length]
        const { next, rest } = redactor().stream()
        const seen = places
          .slice(1)
          .map((to, index) => next(all.slice(places[index], to)))
          .join('')
        // In one piece the same mark would stand there, of another redactor with another key.
        expect((seen + rest()).replace(/\w{8}\]/g, ']')).toBe(
          redactor()
            .text(all)
            .replace(/\w{8}\]/g, ']'),
        )
      },
    ),
    { numRuns: 300 },
  )
})

test('a piece without secrets waits for nothing but its last word', () => {
  const { next, rest } = redactor().stream()
  expect(next('12 passed\n.....')).toBe('12 passed\n.....')
  expect(next('one tw')).toBe('one ')
  expect(next('o three')).toBe('two ')
  expect(rest()).toBe('three')
  expect(rest()).toBe('')
})

test('half a secret beside a cut goes too', () => {
  const { text } = redactor()
  const cut = '\n[… 4,000 bytes left out …]\n'
  for (let at = 4; at < SECRET.length; at++) {
    expect(text(`words ${SECRET.slice(0, at)}${cut}more`)).toBe(`words ${cut}more`)
    expect(text(`words${cut}${SECRET.slice(-at)} more`)).toContain('left out …] more')
  }
  expect(text(`words ghp_16C7e42F29${cut}838347Ae178B4a more`)).toBe(
    'words \n[… 4,000 bytes left out …] more',
  )
  expect(text(`a line\nof words${cut}and others`)).toBe(`a line\nof words${cut}and others`)
})

test('every string of a value is looked at, names too; numbers and shape stay', () => {
  const clean = redactor().value({
    list: [{ 'token-of-sixteen-1': 1, b: ['x token-of-sixteen-1', null, true] }],
  })
  expect(JSON.stringify(clean)).toMatch(
    /^\{"list":\[\{"\[redacted:\w{8}\]":1,"b":\["x \[redacted:\w{8}\]",null,true\]\}\]\}$/,
  )
})

test('a signed thought is not changed but left out', () => {
  const block = { type: 'thinking', thinking: 'it is token-of-sixteen-1', signature: 'EqQBCgIYAhIM' }
  expect(redactor().value(block)).toEqual({ type: 'text', text: expect.stringContaining('left out') })
  const harmless = { ...block, thinking: 'hm' }
  expect(redactor().value(harmless)).toEqual(harmless)
})

test('what a project holds can be put back into its own files, a secret of the server cannot', () => {
  const { learn, text, restore } = redactor()
  learn(['learned-value-77'])
  const shown = text('a learned-value-77 b ghp_16C7e42F292c6912E7710c838347Ae178B4a c token-of-sixteen-1')
  expect(restore(shown)).toMatch(
    /^a learned-value-77 b ghp_16C7e42F292c6912E7710c838347Ae178B4a c \[redacted:\w{8}\]$/,
  )
  expect(text(shown)).toBe(shown)
})

test('one secret has one mark, two have two', () => {
  const { text } = redactor()
  const [first, second, third] = text(`${SECRET} token-of-sixteen-1 token-of-sixteen-1`).match(
    new RegExp(MARK, 'g'),
  )!
  expect(second).toBe(third)
  expect(first).not.toBe(second)
})
