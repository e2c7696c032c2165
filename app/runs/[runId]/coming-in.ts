// What of a row is still coming in: the model's words, the output of a call or of the check.
import { isFinal } from '#lib/client/status'
import type { Row } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import type { LiveOutput, RunEvents } from '../../_hooks/run-events.ts'

const NOTHING = {}

export function comingIn(store: RunEvents, row: Row, run: Run): { text?: string; live?: LiveOutput } {
  if (isFinal(run.status) || !('state' in row) || row.state !== 'open') return NOTHING
  if (row.type === 'think') return { text: store.liveText() || undefined }
  if (row.type === 'check') return { live: store.liveOutput(null) }
  return { live: row.call ? store.liveOutput(row.call.payload.call_id) : undefined }
}
