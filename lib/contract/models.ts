import { z } from 'zod'
import { endpoint } from './endpoint.ts'

export const ModelInfo = z
  .object({
    name: z.string(),
    provider: z.string(),
    title: z.string(),
    available: z.boolean(),
    why_not: z.string().nullable().meta({ description: 'What to do to make it available' }),
    scripted: z.boolean().meta({ description: 'Replays a recorded conversation; no model is called' }),
    context_window: z.number().int().nullable(),
    price: z
      .object({ input: z.number(), output: z.number(), cache_read: z.number(), cache_write: z.number() })
      .nullable()
      .meta({ description: 'USD per million tokens; null when not known' }),
  })
  .meta({ id: 'ModelInfo' })
export type ModelInfo = z.infer<typeof ModelInfo>

export const ProviderCheck = z
  .object({
    provider: z.string(),
    ok: z.boolean(),
    detail: z.string(),
    duration_ms: z.number(),
  })
  .meta({ id: 'ProviderCheck' })
export type ProviderCheck = z.infer<typeof ProviderCheck>

export const checkModels = endpoint({
  id: 'checkModels',
  method: 'POST',
  path: '/api/models/check',
  tag: 'models',
  summary: 'Ask a provider for its list of models: whether it answers, and takes the key. Costs no tokens',
  body: z.strictObject({ provider: z.string().min(1).max(100) }),
  response: ProviderCheck,
  errors: ['not_found', 'conflict'],
})

export const listModels = endpoint({
  id: 'listModels',
  method: 'GET',
  path: '/api/models',
  tag: 'models',
  summary: 'The models this server knows. Any other name of the Messages API is accepted too',
  response: z.array(ModelInfo),
})
