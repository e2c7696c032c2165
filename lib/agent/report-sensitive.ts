// What has become of files that other programs obey, told in the journal right behind what did it.
import type { NewEvent } from '#lib/contract/event'
import type { AgentDeps } from './deps.ts'

/**
 * Stores events together with what is seen of sensitive files. `by`: what ran before; null when that is not known.
 */
export async function emitWithSensitive(
  { sensitive, emit, state }: Pick<AgentDeps, 'sensitive' | 'emit' | 'state'>,
  events: NewEvent[],
  by: { tool: string; callId: string | null } | null,
): Promise<void> {
  const changes = await sensitive.look()
  const seen: NewEvent[] = changes.map(change => ({
    kind: 'sensitive_change',
    iteration: state.iteration,
    payload: { ...change, tool: by?.tool ?? null, call_id: by?.callId ?? null },
  }))
  if (events.length + seen.length > 0) await emit([...events, ...seen])
  if (seen.length > 0) await sensitive.settle()
}
