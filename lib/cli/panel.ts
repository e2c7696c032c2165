// A few lines at the end of a terminal that are drawn over: taken away and drawn again in one write, so that nothing flickers.
import type { Style } from './colour.ts'
import { columnsOf, cutColumns } from './width.ts'

export interface LiveLine {
  text: string
  style?: Style
}

export interface Panel {
  /** What to write to put `text` before the panel; the panel is below it again. */
  around(text: string): string
  /** What to write to show these lines instead; '' when nothing has changed. */
  show(lines: LiveLine[]): string
  /** What to write to take it away. */
  clear(): string
}

export interface PanelSize {
  columns?: number | undefined
  rows?: number | undefined
}

export function createPanel(size: () => PanelSize, paint: (style: Style, text: string) => string): Panel {
  let shown: LiveLine[] = []
  /** Columns of each line as it was drawn: a terminal that became narrower has wrapped them since. */
  let drawn: number[] = []
  let drawnAt = 0

  function erase(): string {
    if (drawn.length === 0) return ''
    const columns = Math.max(1, size().columns || 80)
    const rows = drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    drawn = []
    return `\r${rows > 1 ? `\u001b[${rows - 1}A` : ''}\u001b[J`
  }

  function draw(): string {
    const { columns, rows } = size()
    drawnAt = columns || 80
    // A line that fills the last column wraps in some terminals; a panel higher than the screen cannot be taken back.
    const lines = shown
      .slice(0, Math.max(1, (rows || 24) - 1))
      .map(line => ({ ...line, text: cutColumns(line.text, Math.max(1, drawnAt - 1)) }))
    drawn = lines.map(({ text }) => columnsOf(text))
    return lines.map(({ text, style }) => (style ? paint(style, text) : text)).join('\n')
  }

  return {
    around: text => `${erase()}${text}${draw()}`,
    show(lines) {
      const isSame =
        drawn.length > 0 &&
        drawnAt === (size().columns || 80) &&
        JSON.stringify(lines) === JSON.stringify(shown)
      if (isSame) return ''
      const before = erase()
      shown = lines
      return `${before}${draw()}`
    },
    clear() {
      const before = erase()
      shown = []
      return before
    },
  }
}
