import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { wantsColour } from './colour.ts'
import { createOutput, type OutputOptions, type Stream } from './output.ts'

function captured(options: Partial<OutputOptions> & { isTerminal?: boolean } = {}) {
  const stream = (): Stream =>
    Object.assign(new PassThrough(), { isTTY: options.isTerminal === true, columns: 40 })
  const [stdout, stderr] = [stream(), stream()]
  const output = createOutput({ stdout, stderr, env: {}, ...options })
  const read = (from: Stream) => String((from as PassThrough).read() ?? '')
  return { output, stdout: () => read(stdout), stderr: () => read(stderr) }
}

test.each([
  [{ isTty: true, refused: false, env: {} }, true],
  [{ isTty: false, refused: false, env: {} }, false],
  [{ isTty: true, refused: false, env: { NO_COLOR: '1' } }, false],
  [{ isTty: true, refused: false, env: { NO_COLOR: '' } }, true],
  [{ isTty: true, refused: false, env: { TERM: 'dumb' } }, false],
  [{ isTty: false, refused: false, env: { FORCE_COLOR: '1' } }, true],
  [{ isTty: true, refused: false, env: { FORCE_COLOR: '0' } }, false],
  [{ isTty: false, refused: false, env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, true],
  [{ isTty: true, refused: true, env: { FORCE_COLOR: '1' } }, false],
])('colours in %j: %s', (situation, expected) => {
  expect(wantsColour(situation)).toBe(expected)
})

test('data goes to stdout and progress to stderr, plain and uncut when it is no terminal', () => {
  const { output, stdout, stderr } = captured()
  output.data(output.paint('red', 'row'))
  output.progress('working')
  output.transient('now')
  expect(stdout()).toBe('row\n')
  expect(stderr()).toBe('working\n')
  expect(output.width).toBeNull()
})

test('with --json and with --quiet there is no progress, and notices remain', () => {
  for (const option of [{ json: true }, { quiet: true }]) {
    const { output, stderr } = captured(option)
    output.progress('working')
    output.notice('it waits for you')
    expect(stderr()).toBe('it waits for you\n')
  }
})

test('what runs now stands on the last line of a terminal, cut to it, until something else is printed', () => {
  const { output, stderr, stdout } = captured({ isTerminal: true })
  output.transient('x'.repeat(100))
  expect(stderr()).toBe('x'.repeat(39))
  output.data('done')
  expect(stderr()).toBe('\r\u001b[K')
  expect(stdout()).toBe('done\n')
})
