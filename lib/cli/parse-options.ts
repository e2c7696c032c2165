// The values of options, read and refused with a sentence.
import { InvalidArgumentError } from 'commander'
import type { Network } from '#lib/contract/network'
import { parseNetwork as parse } from '#lib/contract/network-schema'

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `30m`, `1h30m`, `2d`, as milliseconds. A bare number is refused: nobody can tell what was meant. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
    throw new InvalidArgumentError('Give a number with its unit, such as 90s, 30m or 1h30m.')
  }
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0)
  if (ms <= 0) throw new InvalidArgumentError('It must be longer than nothing.')
  return ms
}

export function parseWhole(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError('Give a whole number.')
  }
  return value
}

/** With a sign, as for a priority. */
export function parseInteger(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('Give a whole number, such as 5 or -5.')
  }
  return value
}

export function parsePort(text: string): number {
  const port = parseWhole(text)
  if (port > 65_535) throw new InvalidArgumentError('Give a port from 0 (any free one) to 65535.')
  return port
}

/** `2.50` or `$2.50`. */
export function parseUsd(text: string): number {
  const value = Number(text.replace(/^\$/, ''))
  if (text.trim() === '' || !(value > 0)) {
    throw new InvalidArgumentError('Give an amount in US dollars, such as 2.50.')
  }
  return value
}

/** `200000`, `200k`, `1.5M`. */
export function parseTokens(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text)
  const value = Number(match?.[1]) * ({ k: 1000, M: 1_000_000 }[match?.[2] ?? ''] ?? 1)
  if (!match || !Number.isSafeInteger(value) || value <= 0) {
    throw new InvalidArgumentError('Give a number of tokens, such as 200000, 200k or 1.5M.')
  }
  return value
}

/** `off`, `on`, or hosts with commas between. */
export function parseNetwork(text: string): Network {
  try {
    return parse(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
  }
}

export function parseServer(text: string): string {
  const withScheme = /^https?:\/\//.test(text) ? text : `http://${text}`
  if (!URL.canParse(withScheme))
    throw new InvalidArgumentError('Give an address such as http://localhost:8000.')
  return new URL(withScheme).href.replace(/\/$/, '')
}
