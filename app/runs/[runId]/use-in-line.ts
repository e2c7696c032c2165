import type { Run } from '#lib/contract/runs'
import { useActiveRuns } from '../../_ui/live-provider.tsx'

/** The run with its place in the line: others move it, so it comes with the list's summaries and not with its journal. */
export function useInLine(run: Run): Run {
  const active = useActiveRuns()
  if (run.status !== 'queued') return run
  const queue = active.find(known => known.run_id === run.run_id)?.queue
  return queue ? { ...run, queue } : run
}
