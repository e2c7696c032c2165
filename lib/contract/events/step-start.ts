import { z } from 'zod'
import { Node } from './shared.ts'

/** A node of the loop begins. */
export const stepStart = { kind: 'step_start', payload: z.object({ node: Node }) } as const
