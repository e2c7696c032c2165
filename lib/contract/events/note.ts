import { z } from 'zod'

/** A person's message to the agent, read before its next model call. */
export const note = { kind: 'note', payload: z.object({ text: z.string(), by: z.string() }) } as const
