// What a gate says, by what it is about. Pure.
import type { Payload } from '#lib/contract/event'

export interface GateWords {
  /** The region's name. */
  name: string
  /** Behind «NEEDS YOU». */
  title: string
  /** What to look at; null where figures say it. */
  ask: string | null
  approve: string
  /** For those who hear the page. */
  spoken: string
}

export function gateWords(asked: Payload<'human_check_required'>): GateWords {
  if (asked.command)
    return {
      name: 'Needs you: a command to approve',
      title: 'the agent wants to run this command. May it?',
      ask: `It ${asked.command.why}. Approved, exactly this is run, once; denied, the agent is told so and goes on without it.`,
      approve: 'Run this command',
      spoken: 'Needs you. The agent wants to run a command. Press A to go to Approve.',
    }
  if (asked.config)
    return {
      name: 'Needs you: settings to accept',
      title: 'the settings of this project are new or changed. Accept them?',
      ask: 'They came with the project, and say what is run on this machine. Nothing of it has been run yet. Accepted, they are not asked about again until they change.',
      approve: 'Accept and start',
      spoken: 'Needs you. The settings of the project are to be accepted. Press A to go to Approve.',
    }
  if (asked.check)
    return {
      name: 'Needs you: a check to approve',
      title: 'a check was written for this goal. Is it the right one?',
      ask: 'This check was written by a model. Approve it if it checks what you mean.',
      approve: 'Approve this check',
      spoken:
        'Needs you. A check was written for this goal and waits for your approval. Press A to go to Approve.',
    }
  return {
    name: `Needs you: gate after iteration ${asked.iteration}`,
    title: `iteration ${asked.iteration} finished, goal not met yet. Continue?`,
    ask: null,
    approve: 'Approve and continue',
    spoken: `Needs you. Iteration ${asked.iteration} finished, the goal is not met yet. Press A to go to Approve.`,
  }
}

/** It is about something that has not been run: there is no diff, and nothing was spent. */
export const isBefore = (asked: Payload<'human_check_required'>) =>
  (asked.check ?? asked.command ?? asked.config) !== undefined
