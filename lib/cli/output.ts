// Data goes to stdout, everything about it to stderr, so that `retrai … | …` passes on data only.
import type { Writable } from 'node:stream'
import { createPaint, type Paint, wantsColour } from './colour.ts'
import { harmless, harmlessJson } from './harmless.ts'

export type Stream = Writable & { isTTY?: boolean; columns?: number }

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
  data(line: string): void
  json(value: unknown): void
  /** As it is, for a file or a program; a terminal gets it without what would act on it. */
  raw(text: string): void
  /** Progress: left out with --json and --quiet. */
  progress(line: string): void
  /** Must be read by whoever is there. */
  notice(line: string): void
  /** What runs right now, on a terminal only; replaced by whatever is printed next. */
  transient(line: string): void
}

export function createOutput(options: OutputOptions): Output {
  const { stdout, stderr, env, json = false, quiet = false, noColour = false } = options
  const isDumb = env.TERM === 'dumb'
  const paintOf = (stream: Stream) =>
    createPaint(wantsColour({ env, isTty: stream.isTTY === true, refused: noColour }))
  const widthOf = (stream: Stream) => (stream.isTTY ? stream.columns || 80 : null)
  let hasTransient = false

  function clear() {
    if (hasTransient) stderr.write('\r\u001b[K')
    hasTransient = false
  }

  function toStderr(line: string) {
    clear()
    stderr.write(`${line}\n`)
  }

  return {
    isJson: json,
    paint: paintOf(stdout),
    paintProgress: paintOf(stderr),
    width: widthOf(stdout),
    progressWidth: widthOf(stderr),
    data(line) {
      clear()
      stdout.write(`${line}\n`)
    },
    json(value) {
      clear()
      stdout.write(`${harmlessJson(value)}\n`)
    },
    raw(text) {
      clear()
      stdout.write(stdout.isTTY ? harmless(text) : text)
    },
    progress(line) {
      if (!json && !quiet) toStderr(line)
    },
    notice: toStderr,
    transient(line) {
      if (json || quiet || isDumb || !stderr.isTTY) return
      clear()
      // A line that wraps could not be taken back.
      stderr.write(line.slice(0, Math.max(0, (stderr.columns || 80) - 1)))
      hasTransient = true
    },
  }
}
