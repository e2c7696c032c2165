import { z } from 'zod'

/** What the model said in words. */
export const reasoning = { kind: 'reasoning', payload: z.object({ text: z.string() }) } as const
