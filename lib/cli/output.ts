// Data goes to stdout, everything about it to stderr, so that `retrai … | …` passes on data only.
import type { Writable } from 'node:stream'
import { createPaint, type Paint, wantsColour } from './colour.ts'
import { harmless, harmlessJson } from './harmless.ts'
import { linked, wantsLinks } from './link.ts'
import { createPanel, type LiveLine } from './panel.ts'

export type Stream = Writable & { isTTY?: boolean; columns?: number; rows?: number }

export interface OutputOptions {
  stdout: Stream
  stderr: Stream
  env: Record<string, string | undefined>
  /** JSON on stdout, and no progress. */
  json?: boolean
  /** No progress. */
  quiet?: boolean
  noColour?: boolean
}

export interface Output {
  isJson: boolean
  /** For what goes to stdout and to stderr. */
  paint: Paint
  paintProgress: Paint
  /** Columns of a terminal on stdout; null where lines must not be cut. */
  width: number | null
  progressWidth: number | null
  /** A link where the terminal shows them, else the text. */
  link(url: string, text?: string): string
  data(line: string): void
  json(value: unknown): void
  /** As it is, for a file or a program; a terminal gets it without what would act on it. */
  raw(text: string): void
  /** Progress: left out with --json and --quiet. */
  progress(line: string): void
  /** Must be read by whoever is there. */
  notice(line: string): void
  /** Whether `live` shows anything: on a terminal that can be drawn over, with a person before it. */
  isLive: boolean
  /** What goes on right now, in a few lines that stay below whatever is printed; none takes them away. */
  live(lines: LiveLine[]): void
  /** Takes the live lines away until the returned function is called: somebody types now. */
  hold(): () => void
}

export function createOutput(options: OutputOptions): Output {
  const { stdout, stderr, env, json = false, quiet = false, noColour = false } = options
  const paintOf = (stream: Stream) =>
    createPaint(wantsColour({ env, isTty: stream.isTTY === true, refused: noColour }))
  const widthOf = (stream: Stream) => (stream.isTTY ? stream.columns || 80 : null)
  const isLive = !json && !quiet && env.TERM !== 'dumb' && !env.CI && stderr.isTTY === true
  const paintProgress = paintOf(stderr)
  const panel = createPanel(() => stderr, paintProgress)
  const hasLinks = wantsLinks({ env, isTty: stdout.isTTY === true })
  let holds = 0
  let wanted: LiveLine[] = []

  function write(text: string) {
    if (text !== '') stderr.write(text)
  }

  const toStderr = (line: string) => write(panel.around(`${line}\n`))

  /** Both streams may be one terminal: the panel is away while stdout writes. */
  function toStdout(text: string) {
    write(panel.clear())
    stdout.write(text)
    if (holds === 0 && wanted.length > 0) write(panel.show(wanted))
  }

  return {
    isJson: json,
    paint: paintOf(stdout),
    paintProgress,
    width: widthOf(stdout),
    progressWidth: widthOf(stderr),
    link: (url, text = url) => (hasLinks ? linked(url, text) : text),
    data: line => toStdout(`${line}\n`),
    json: value => toStdout(`${harmlessJson(value)}\n`),
    raw: text => toStdout(stdout.isTTY ? harmless(text) : text),
    progress(line) {
      if (!json && !quiet) toStderr(line)
    },
    notice: toStderr,
    isLive,
    live(lines) {
      if (!isLive) return
      wanted = lines
      if (holds === 0) write(lines.length === 0 ? panel.clear() : panel.show(lines))
    },
    hold() {
      holds += 1
      write(panel.clear())
      let isReleased = false
      return () => {
        if (isReleased) return
        isReleased = true
        holds -= 1
        if (holds === 0 && wanted.length > 0) write(panel.show(wanted))
      }
    },
  }
}
