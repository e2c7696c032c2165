// Which line and which body a row has. A kind without a file of its own is shown by generic-row.
import type { Row } from '#lib/contract/run-view'
import type { LiveOutput } from '../../../_hooks/run-events.ts'
import { CheckBody, checkLine } from './check-row.tsx'
import { GateBody, gateLine } from './gate-row.tsx'
import { GenericBody, genericLine } from './generic-row.tsx'
import type { Line } from './line.ts'
import { ThinkBody, thinkLine } from './think-row.tsx'
import { ToolBody, toolLine } from './tool-row.tsx'

export type PlainRow = Exclude<Row, { type: 'iteration' }>

export function lineOf(row: PlainRow): Line {
  switch (row.type) {
    case 'think':
      return thinkLine(row)
    case 'tool':
      return toolLine(row)
    case 'check':
      return checkLine(row)
    case 'gate':
      return gateLine(row)
    case 'event':
      return genericLine(row)
    default:
      return row satisfies never
  }
}

export function RowBody({ row, text, live }: { row: PlainRow; text?: string; live?: LiveOutput }) {
  switch (row.type) {
    case 'think':
      return <ThinkBody row={row} live={text} />
    case 'tool':
      return <ToolBody row={row} live={live} />
    case 'check':
      return <CheckBody row={row} live={live} />
    case 'gate':
      return <GateBody row={row} />
    case 'event':
      return <GenericBody row={row} />
    default:
      return row satisfies never
  }
}
