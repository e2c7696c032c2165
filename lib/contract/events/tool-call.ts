import { z } from 'zod'

/** The model requests a tool; stored before the tool starts. */
export const toolCall = {
  kind: 'tool_call',
  payload: z.object({ call_id: z.string(), tool: z.string(), args: z.record(z.string(), z.unknown()) }),
} as const
