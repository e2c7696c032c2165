// How a request says when a run stops for a person. Apart from what it means, because pages show that and have no use for the
// library that checks it.
import { z } from 'zod'
import { GATE_MODES, ON_TIMEOUT } from './gate-policy.ts'

const MUST_BE = 'must be each, flags, off, or { mode, timeout_minutes, on_timeout }'
const GateMode = z.enum(GATE_MODES)
const minutes = z.number().positive().max(10_080)

const fields = {
  timeout_minutes: minutes.nullable().optional().meta({
    description: 'A gate that nobody answers is decided after so long; null: it waits for ever',
  }),
  on_timeout: z
    .enum(ON_TIMEOUT)
    .optional()
    .meta({
      description:
        'What happens then; default: abort where timeout_minutes is given, else wait. approve is meant for iterations: a command ' +
        'that asks is denied then, and settings that nobody has accepted end the run. Recorded as decided_by: timeout',
    }),
}

export const GatePolicyInput = z
  .union([GateMode, z.strictObject({ mode: GateMode, ...fields })], { error: MUST_BE })
  .meta({
    id: 'GatePolicyInput',
    description:
      'each: a gate after each unmet iteration; flags: only after one with flags that no approved gate has shown yet (tests ' +
      'edited, files deleted, …); off. each and flags mean hitl_enabled: true, and hitl_enabled: true alone means each. Gates ' +
      'about commands and settings open in any case',
  })

/** Of a run that there is: what is left out stays. */
export const GatePolicyChange = z
  .union([GateMode, z.strictObject({ mode: GateMode.optional(), ...fields })], { error: MUST_BE })
  .meta({
    id: 'GatePolicyChange',
    description:
      'What is left out stays. A mode also lets gates open again that were to be skipped (approve_next). timeout_minutes counts ' +
      'from when a gate opened, so a higher one extends the time of the gate that is open; null waits for ever',
  })

export const GatePolicySchema = z
  .object({ mode: GateMode, timeout_minutes: minutes.nullable(), on_timeout: z.enum(ON_TIMEOUT) })
  .meta({
    id: 'GatePolicy',
    description: 'When the run stops at a gate, and what happens when nobody answers',
  })

export const ApproveNext = z
  .union([z.int().min(1).max(1000), z.literal('rest')], { error: 'must be 1 to 1000, or rest' })
  .meta({
    id: 'ApproveNext',
    description:
      'With approve, at a gate after an iteration: the gates of so many iterations more, or of all the rest, do not open. Those ' +
      'about commands and settings always do. PATCH …/config with hitl_enabled: true asks again',
  })
