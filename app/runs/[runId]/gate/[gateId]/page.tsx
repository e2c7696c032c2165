import { redirect } from 'next/navigation'
import { isAppError } from '#lib/errors'
import { runtime } from '#lib/runtime'

/** Where notifications lead: the run with this gate in front of the reader, or with the row of how it was decided. */
export default async function Page({ params }: PageProps<'/runs/[runId]/gate/[gateId]'>) {
  const { runId, gateId } = await params
  redirect(await targetOf(runId, gateId))
}

async function targetOf(runId: string, gateId: string): Promise<string> {
  const run = `/runs/${encodeURIComponent(runId)}`
  try {
    const opened = await runtime().runs.events(runId, { kind: 'human_check_required', limit: 5000 })
    const event = opened.find(e => e.kind === 'human_check_required' && e.payload.gate_id === gateId)
    if (!event) return run
    const { gate } = await runtime().runs.get(runId)
    return gate?.gate_id === gateId ? `${run}?gate=${encodeURIComponent(gateId)}` : `${run}?ev=${event.seq}`
  } catch (error) {
    if (isAppError(error) && error.code === 'run_not_found') return run
    throw error
  }
}
