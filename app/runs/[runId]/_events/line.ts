import type { ReactNode } from 'react'

export type Tone = 'plain' | 'muted' | 'ok' | 'err' | 'warn' | 'gate' | 'info'

/** One row, collapsed: a sentence of facts. */
export interface Line {
  icon: ReactNode
  tone: Tone
  label: string
  title: ReactNode
  /** Short, right of the title. */
  facts: ReactNode[]
}

export const TONE: Record<Tone, string> = {
  plain: 'text-text',
  muted: 'text-muted',
  ok: 'text-ok',
  err: 'text-err',
  warn: 'text-warn',
  gate: 'text-gate',
  info: 'text-info',
}
