// A collector on loopback that speaks OTLP over HTTP with JSON, and remembers the spans it was sent.
import { createServer } from 'node:http'
import { z } from 'zod'

const Attribute = z.object({
  key: z.string(),
  value: z.object({
    stringValue: z.string().optional(),
    intValue: z.union([z.number(), z.string()]).optional(),
    doubleValue: z.number().optional(),
    boolValue: z.boolean().optional(),
  }),
})
const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: z.array(Attribute).default([]),
  status: z.object({ code: z.number().optional(), message: z.string().optional() }).optional(),
})
const Body = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(Attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(Span) })),
    }),
  ),
})

export interface ReceivedSpan {
  service: unknown
  traceId: string
  spanId: string
  parentSpanId: string | null
  name: string
  durationMs: number
  attributes: Record<string, unknown>
  isError: boolean
}

export interface OtlpReceiver {
  url: string
  spans: ReceivedSpan[]
  /** Bodies as they came. */
  texts: string[]
  headers: Record<string, unknown>[]
  close(): Promise<void>
}

export async function startOtlpReceiver(status = 200): Promise<OtlpReceiver> {
  const received: Omit<OtlpReceiver, 'url' | 'close'> = { spans: [], texts: [], headers: [] }
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    request.on('end', () => {
      received.texts.push(text)
      received.headers.push({ ...request.headers, path: request.url })
      if (status === 200) received.spans.push(...spansIn(text))
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number } // it listens on TCP
  return {
    ...received,
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

function spansIn(text: string): ReceivedSpan[] {
  return Body.parse(JSON.parse(text)).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(span => ({
        service: valuesOf(resource.attributes)['service.name'],
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || null,
        name: span.name,
        durationMs: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
        attributes: valuesOf(span.attributes),
        isError: span.status?.code === 2,
      })),
    ),
  )
}

const valuesOf = (attributes: z.infer<typeof Attribute>[]) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue),
    ]),
  )
