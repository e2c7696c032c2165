import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { wantsColour } from './colour.ts'
import { wantsLinks } from './link.ts'
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
  output.live([{ text: 'now' }])
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

test('what goes on now stays below what is printed, is cut to the terminal, and is drawn over in one write', () => {
  const { output, stderr, stdout } = captured({ isTerminal: true, noColour: true })
  output.live([{ text: 'x'.repeat(100) }, { text: 'second' }])
  expect(stderr()).toBe(`${'x'.repeat(38)}…\nsecond`)
  output.live([{ text: 'x'.repeat(100) }, { text: 'second' }])
  expect(stderr()).toBe('') // nothing has changed, nothing flickers
  output.progress('a line')
  expect(stderr()).toBe(`\r\u001b[1A\u001b[Ja line\n${'x'.repeat(38)}…\nsecond`)
  output.data('done')
  expect(stderr()).toBe(`\r\u001b[1A\u001b[J${'x'.repeat(38)}…\nsecond`)
  expect(stdout()).toBe('done\n')
  output.live([])
  expect(stderr()).toBe('\r\u001b[1A\u001b[J')
})

test('nothing is drawn while somebody types, and it is there again afterwards', () => {
  const { output, stderr } = captured({ isTerminal: true, noColour: true })
  output.live([{ text: 'one' }])
  const release = output.hold()
  expect(stderr()).toBe('one\r\u001b[J')
  output.live([{ text: 'two' }])
  output.notice('question')
  expect(stderr()).toBe('question\n')
  release()
  release()
  expect(stderr()).toBe('two')
})

test.each([{ CI: 'true' }, { TERM: 'dumb' }])('with %j nothing is drawn over', env => {
  const { output, stderr } = captured({ isTerminal: true, env })
  output.live([{ text: 'now' }])
  expect(stderr()).toBe('')
  expect(output.isLive).toBe(false)
})

test.each([
  [{ isTty: true, env: { WT_SESSION: '1' } }, true],
  [{ isTty: true, env: { VTE_VERSION: '7200' } }, true],
  [{ isTty: true, env: { VTE_VERSION: '4000' } }, false],
  [{ isTty: true, env: { TERM_PROGRAM: 'WezTerm' } }, true],
  [{ isTty: true, env: { TERM_PROGRAM: 'WezTerm', TMUX: '/tmp/tmux' } }, false],
  [{ isTty: true, env: { TERM_PROGRAM: 'WezTerm', CI: '1' } }, false],
  [{ isTty: true, env: { TERM: 'xterm-256color' } }, false],
  [{ isTty: false, env: { WT_SESSION: '1' } }, false],
  [{ isTty: false, env: { FORCE_HYPERLINK: '1' } }, true],
  [{ isTty: true, env: { WT_SESSION: '1', FORCE_HYPERLINK: '0' } }, false],
])('links in %j: %s', (situation, expected) => {
  expect(wantsLinks(situation)).toBe(expected)
})

test('a link is an OSC 8 sequence where the terminal shows it, and its text elsewhere', () => {
  const url = 'http://localhost:8000/runs/1'
  expect(captured({ env: { FORCE_HYPERLINK: '1' } }).output.link(url, 'run')).toBe(
    `\u001b]8;;${url}\u001b\\run\u001b]8;;\u001b\\`,
  )
  expect(captured().output.link(url)).toBe(url)
  const hostile = 'http://x/\u001b]0;owned\u0007'
  expect(captured({ env: { FORCE_HYPERLINK: '1' } }).output.link(hostile, 'run')).toBe('run')
})
