// What the server says by itself, to an address of the person's choice: a gate opens, a run ends, a run holds.
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { GateKind, Outcome } from './events/shared.ts'
import { RunStatus, time } from './runs.ts'

const WebhookRun = z
  .object({
    run_id: z.uuid(),
    goal: z.string(),
    goal_name: z.string(),
    cwd: z.string(),
    status: RunStatus,
    model_name: z.string(),
    iteration: z.number().int(),
    max_iterations: z.number().int(),
    total_tokens: z.number().int(),
    estimated_cost_usd: z.number().nullable(),
    tags: z.array(z.string()),
  })
  .meta({ id: 'WebhookRun', description: 'The run as it is when this is sent; long texts are cut' })

const common = {
  id: z.string().meta({ description: 'The same at each attempt: what came before is to be ignored' }),
  created_at: time.meta({ description: 'When it happened' }),
  text: z.string().meta({ description: 'All of it in a sentence, for chats' }),
  url: z
    .string()
    .meta({ description: 'The page to look at it and to decide. Nothing can be decided by a link' }),
}

export const GateOpened = z
  .object({
    ...common,
    type: z.literal('gate_opened'),
    run: WebhookRun,
    gate: z.object({
      gate_id: z.string(),
      kind: GateKind,
      iteration: z.number().int(),
      summary: z.string(),
      opened_at: time,
      decided: z.boolean().meta({ description: 'Somebody has decided it before this could be sent' }),
      command: z.string().nullable().meta({ description: 'What a gate about a command asks' }),
      flags: z.array(z.string()).meta({ description: 'Codes of what is suspicious in the change' }),
      failing: z.number().int().nullable(),
      diff: z
        .object({ files: z.number().int(), insertions: z.number().int(), deletions: z.number().int() })
        .nullable(),
    }),
  })
  .meta({ id: 'GateOpened' })

export const RunEnded = z
  .object({
    ...common,
    type: z.literal('run_ended'),
    run: WebhookRun,
    end: z.object({
      status: z.enum(['achieved', 'exhausted', 'failed', 'aborted']),
      achieved: z.boolean(),
      outcome: Outcome,
      reason: z.string(),
      duration_ms: z.number(),
    }),
  })
  .meta({ id: 'RunEnded' })

export const RunPaused = z
  .object({
    ...common,
    type: z.literal('run_paused'),
    run: WebhookRun,
    pause: z.object({
      reason: z.enum(['model_unavailable', 'model_quota', 'disk_full']),
      detail: z.string(),
      retry_at: time.nullable().meta({ description: 'null: resumes by hand only' }),
    }),
  })
  .meta({ id: 'RunPaused' })

export const WebhookTestMessage = z
  .object({ ...common, type: z.literal('test') })
  .meta({ id: 'WebhookTestMessage' })

export const WebhookMessage = z.discriminatedUnion('type', [
  GateOpened,
  RunEnded,
  RunPaused,
  WebhookTestMessage,
])
export type WebhookMessage = z.infer<typeof WebhookMessage>

/** As OpenAPI lists them, by type. */
export const webhooks = [
  { type: 'gate_opened', summary: 'A run waits for a person', body: GateOpened },
  { type: 'run_ended', summary: 'A run has ended', body: RunEnded },
  { type: 'run_paused', summary: 'A run holds: model, quota or disk', body: RunPaused },
  { type: 'test', summary: 'Somebody asked for a test', body: WebhookTestMessage },
] as const

/** Of each request, as the Standard Webhooks specification has them. */
export const WEBHOOK_HEADERS = [
  { name: 'webhook-id', description: 'The id of the message, the same at each attempt' },
  {
    name: 'webhook-timestamp',
    description: 'When it was signed, in seconds since the epoch: refuse old ones',
  },
  {
    name: 'webhook-signature',
    description:
      'v1, and the base64 of HMAC-SHA256 over `id.timestamp.body` with RETRAI_WEBHOOK_SECRET; left out without one',
  },
] as const

export const WebhookStatus = z
  .object({
    configured: z.boolean(),
    url: z.string().nullable().meta({ description: 'Where it goes, without what may be secret of it' }),
    signed: z.boolean(),
    pending: z.number().int().meta({ description: 'Messages that were not taken yet' }),
    last: z
      .object({ at: time, ok: z.boolean(), detail: z.string() })
      .nullable()
      .meta({ description: 'The last attempt since the server started' }),
  })
  .meta({ id: 'WebhookStatus' })
export type WebhookStatus = z.infer<typeof WebhookStatus>

export const getWebhook = endpoint({
  id: 'getWebhook',
  method: 'GET',
  path: '/api/webhook',
  tag: 'server',
  summary: 'Whether there is a webhook, and how its last attempt went',
  response: WebhookStatus,
})

export const WebhookTest = z
  .object({
    delivered: z.boolean(),
    status: z.number().int().nullable().meta({ description: 'What the receiver answered; null: nothing' }),
    detail: z.string(),
    duration_ms: z.number(),
  })
  .meta({ id: 'WebhookTest' })
export type WebhookTest = z.infer<typeof WebhookTest>

export const testWebhook = endpoint({
  id: 'testWebhook',
  method: 'POST',
  path: '/api/webhook/test',
  tag: 'server',
  summary: 'Send a test message to the webhook, once',
  body: z.strictObject({}).optional(),
  response: WebhookTest,
  errors: ['conflict'],
})
