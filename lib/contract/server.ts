import { z } from 'zod'
import { endpoint } from './endpoint.ts'

export const Health = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' })

export const getHealth = endpoint({
  id: 'getHealth',
  method: 'GET',
  path: '/healthz',
  tag: 'server',
  summary: 'The process answers; touches nothing',
  response: Health,
  direct: true,
})

export const Readiness = z
  .object({
    ready: z.boolean(),
    version: z.string(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string(), ms: z.number() })),
  })
  .meta({ id: 'Readiness' })
export type Readiness = z.infer<typeof Readiness>

export const getReadiness = endpoint({
  id: 'getReadiness',
  method: 'GET',
  path: '/readyz',
  tag: 'server',
  summary: 'Whether runs can be taken: database, disk, command helper, draining',
  response: Readiness,
  alsoAnswers: [[503, 'Not ready: the check that failed says why']],
  direct: true,
})

export const getMetrics = endpoint({
  id: 'getMetrics',
  method: 'GET',
  path: '/metrics',
  tag: 'server',
  summary: 'Counters and durations for Prometheus, all beginning with retrai_',
  response: z.string(),
  produces: 'text/plain',
  direct: true,
})

export const getOpenapi = endpoint({
  id: 'getOpenapi',
  method: 'GET',
  path: '/api/openapi.json',
  tag: 'server',
  summary: 'This document',
  response: z.record(z.string(), z.unknown()),
})
