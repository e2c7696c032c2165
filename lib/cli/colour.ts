// When colours are used, and how.

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan'
export type Paint = (style: Style, text: string) => string

const CODES: Record<Style, [open: number, close: number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
}

export function createPaint(enabled: boolean): Paint {
  return (style, text) => {
    if (!enabled || text === '') return text
    const [open, close] = CODES[style]
    return `\u001b[${open}m${text}\u001b[${close}m`
  }
}

export interface ColourSituation {
  env: Record<string, string | undefined>
  isTty: boolean
  /** `--no-color` */
  refused: boolean
}

/** A flag beats FORCE_COLOR, which beats NO_COLOR, which beats what the terminal can. */
export function wantsColour({ env, isTty, refused }: ColourSituation): boolean {
  if (refused) return false
  const forced = env.FORCE_COLOR
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  if (env.NO_COLOR) return false
  return isTty && env.TERM !== 'dumb'
}
