// Sends the spans of runs to an OpenTelemetry collector. Its packages are loaded only where one is named: a server without
// traces pays nothing for them.
import type { RunEvent } from '#lib/contract/event'
import { messageOf } from '#lib/errors'
import type { RunRecord } from '#lib/store/types'
import { spanOf } from './run-spans.ts'

/** How often a collector that takes nothing is told of. */
const COMPLAIN_MS = 60_000
/** What the last spans may take at the end of the server. */
const FLUSH_MS = 2000

export interface TracingOptions {
  /** Where spans are posted to, the path included. */
  url: string
  serviceName: string
  version: string
  log(level: 'warn', message: string, data: Record<string, unknown>): void
}

export interface Tracing {
  /** Never throws; what cannot be sent is lost, and said. */
  observe(events: RunEvent[], record: RunRecord): void
  /** Sends what is left, for a while. */
  close(): Promise<void>
}

export async function openTracing({ url, serviceName, version, log }: TracingOptions): Promise<Tracing> {
  const [{ ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace }, sdk, resources, otlp] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ])
  const exporter = new otlp.OTLPTraceExporter({ url, timeoutMillis: 5000 })
  let complainedAt = Number.NEGATIVE_INFINITY
  function complain(error: unknown) {
    if (performance.now() - complainedAt < COMPLAIN_MS) return
    complainedAt = performance.now()
    log('warn', 'traces could not be sent', { url, error: messageOf(error) })
  }
  const telling = {
    export(...[spans, done]: Parameters<typeof exporter.export>) {
      exporter.export(spans, result => {
        if (result.error) complain(result.error)
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
  }
  /** What the next span is called: ids follow from the run. */
  const next = { traceId: '', spanId: '' }
  const provider = new sdk.NodeTracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }),
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    sampler: new sdk.AlwaysOnSampler(),
    spanProcessors: [new sdk.BatchSpanProcessor(telling)],
  })
  const tracer = provider.getTracer('retrai', version)

  function send(event: RunEvent, record: RunRecord) {
    const span = spanOf(event, record)
    if (!span) return
    const { traceId, spanId, parentId } = span
    Object.assign(next, { traceId, spanId })
    const parent = { traceId, spanId: parentId ?? '', traceFlags: TraceFlags.SAMPLED, isRemote: true }
    const context = parentId === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
    const kind = span.kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL
    const { attributes, error } = span
    const started = tracer.startSpan(span.name, { kind, startTime: span.startMs, attributes }, context)
    if (error !== null) {
      started.setAttribute('error.type', error)
      started.setStatus({ code: SpanStatusCode.ERROR, message: error })
    }
    started.end(span.endMs)
  }

  return {
    observe(events, record) {
      for (const event of events) {
        try {
          send(event, record)
        } catch (error) {
          complain(error)
        }
      }
    },
    async close() {
      let timer: NodeJS.Timeout | undefined
      const enough = new Promise<void>(resolve => {
        timer = setTimeout(resolve, FLUSH_MS)
      })
      await Promise.race([provider.shutdown().catch(complain), enough])
      clearTimeout(timer)
    },
  }
}
