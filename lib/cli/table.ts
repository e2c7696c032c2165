// Rows of cells: aligned and cut for a terminal, separated by tabs for another program.

export interface Column {
  title: string
  /** Gives way first when the terminal is narrow. */
  flexible?: boolean
  right?: boolean
}

export interface Cell {
  text: string
  paint?: (padded: string) => string
}

const GAP = '  '
const NARROWEST = 8

export function tableLines(columns: Column[], rows: Cell[][], width: number | null): string[] {
  // No header and nothing cut: `cut -f` and `while read` want the values only.
  if (width === null) return rows.map(row => row.map(cell => cell.text.replaceAll('\t', ' ')).join('\t'))
  const widths = fittingWidths(columns, rows, width)
  const header = columns.map(({ title }): Cell => ({ text: title }))
  return [header, ...rows].map(row =>
    row
      .map((cell, i) => render(cell, columns[i], widths[i]))
      .join(GAP)
      .trimEnd(),
  )
}

function fittingWidths(columns: Column[], rows: Cell[][], width: number): number[] {
  const widths = columns.map(({ title }, i) =>
    Math.max(title.length, ...rows.map(row => row[i]?.text.length ?? 0)),
  )
  const over = () => widths.reduce((sum, n) => sum + n, GAP.length * (columns.length - 1)) - width
  while (over() > 0) {
    const flexible = columns.flatMap(({ flexible }, i) =>
      flexible && (widths[i] ?? 0) > NARROWEST ? [i] : [],
    )
    const widest = flexible.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0]
    if (widest === undefined) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

function render({ text, paint }: Cell, column: Column | undefined, width = 0): string {
  const short = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text
  const padded = column?.right ? short.padStart(width) : short.padEnd(width)
  return paint ? paint(padded) : padded
}
