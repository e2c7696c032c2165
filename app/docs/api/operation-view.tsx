import type { Operation } from '#lib/client/api-reference'
import { quote } from '#lib/client/new-run'
import { Snippet } from '../../_ui/snippet.tsx'
import { FieldTable, TypeView } from './field-table.tsx'

export function OperationView({ operation, origin }: { operation: Operation; origin: string }) {
  const { id, method, path, summary, parameters, body, responses, isSent } = operation
  return (
    <article id={id} aria-labelledby={`${id}-title`} className="scroll-mt-4 space-y-3">
      <div>
        <h3 id={`${id}-title`} className="flex flex-wrap items-baseline gap-x-2">
          <span className="rounded-sm border border-control px-1 font-mono text-2xs font-semibold">
            {method}
          </span>
          <code className="font-semibold">{path}</code>
          <a href={`#${id}`} className="inline-flex h-6 items-center text-muted hover:text-text coarse:h-11">
            {id}
          </a>
        </h3>
        <p className="mt-1">{summary}</p>
      </div>
      {parameters.length > 0 && (
        <FieldTable
          title="Parameters"
          fields={parameters.map(one => ({
            ...one,
            note: one.place === 'query' ? undefined : `in the ${one.place}`,
          }))}
        />
      )}
      {body && (
        <div className="space-y-2">
          <p>
            <span className="text-muted">Body{body.isRequired ? '' : ', may be left out'}: </span>
            <TypeView type={body.type} />
          </p>
          {body.fields.length > 0 && <FieldTable title="Body" fields={body.fields} />}
        </div>
      )}
      <ul className="space-y-0.5">
        {responses.map(({ status, description, type, media }) => (
          <li key={status} className="flex gap-3">
            <code className={/^2/.test(status) ? 'text-ok' : 'text-muted'}>{status}</code>
            <span className="min-w-0">
              {/^2/.test(status) && type ? <TypeView type={type} /> : description}
              {media.length > 1 && <span className="text-muted"> also {media.slice(1).join(', ')}</span>}
            </span>
          </li>
        ))}
      </ul>
      {isSent ? (
        <p className="text-muted">Sent by the server to the address of RETRAI_WEBHOOK_URL.</p>
      ) : (
        <Snippet text={curlOf(operation, origin)} label={`curl: ${id}`} />
      )}
    </article>
  )
}

function curlOf({ method, path, example }: Operation, origin: string): string {
  const lines = [`curl -sS${method === 'GET' ? '' : ` -X ${method}`} ${quote(`${origin}${path}`)}`]
  if (example !== null) lines.push(`  -H 'content-type: application/json'`, `  -d ${quote(example)}`)
  return lines.join(' \\\n')
}
