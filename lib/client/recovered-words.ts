// What a restart of the server meant for a run, in a sentence: the same in the browser and in the terminal.
import type { Payload } from '../contract/event.ts'

export function recoveredWords({ clean, queued, crashes, interrupted_calls }: Payload<'recovered'>): string {
  const how = clean ? 'The server was restarted' : 'The server had died and was started again'
  const lost =
    interrupted_calls.length === 0
      ? ''
      : interrupted_calls.length === 1
        ? '; a command that was running was interrupted'
        : `; ${interrupted_calls.length} commands that were running were interrupted`
  const suspicion = crashes > 1 ? ` (it died ${crashes} times while it worked on this step)` : ''
  const next = queued
    ? 'the run waits for a free slot and then goes on'
    : 'the run goes on from its last completed step'
  return `${how}${lost}; ${next}${suspicion}`
}
