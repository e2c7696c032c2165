'use client'
import dynamic from 'next/dynamic'
import type { Row } from '#lib/contract/run-view'
import { outputOf } from './row-texts.ts'
import { useWholeRow } from './use-whole-row.ts'

const FullText = dynamic(() => import('./full-text.tsx').then(m => m.FullText), { ssr: false })

/** The output of a row over the whole page. */
export function RowOutput({ runId, row, onClose }: { runId: string; row: Row; onClose(): void }) {
  const { row: whole } = useWholeRow(runId, row)
  const output = outputOf(whole)
  return output === null ? null : (
    <FullText title={`Output of event ${row.seq}`} text={output} onClose={onClose} />
  )
}
