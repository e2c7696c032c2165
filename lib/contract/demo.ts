// A run to look at, without a key or a project.
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { RunStarted } from './runs.ts'

export const DemoRequest = z
  .strictObject({
    hitl_enabled: z
      .boolean()
      .optional()
      .meta({ default: false, description: 'Stop at a gate after each unmet iteration' }),
  })
  .meta({ id: 'DemoRequest' })
export type DemoRequest = z.infer<typeof DemoRequest>

export const startDemo = endpoint({
  id: 'startDemo',
  method: 'POST',
  path: '/api/demo',
  tag: 'runs',
  summary: 'Start a run that replays a recorded conversation, with real tools, on a copy of a small project',
  body: DemoRequest.optional().meta({ description: 'May be left out' }),
  response: RunStarted,
  status: 201,
  errors: ['invalid', 'queue_full', 'disk_full'],
})
