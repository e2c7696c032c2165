import { z } from 'zod'
import { defineTool } from './tool.ts'

/** The loop carries this out itself: it ends the attempt. */
export const runCheck = defineTool({
  name: 'run_check',
  description: [
    "Ends this attempt: the server now runs the goal's own check and tells you the result.",
    'Only this check decides whether the goal is met. Call it, alone, when you believe the work is done;',
    'to try things out before, run tests with bash_exec.',
  ].join(' '),
  input: z.object({}),
  readOnly: false,
  async run() {
    throw new Error('run_check is carried out by the loop')
  },
})
