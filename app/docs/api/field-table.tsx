import type { Field, Type } from '#lib/client/api-reference'

/** Fields with their types; under each other where there is little room. */
export function FieldTable({
  title,
  fields,
}: {
  title: string
  fields: (Field & { note?: string | undefined })[]
}) {
  return (
    <ul aria-label={`Fields of ${title}`} className="divide-y rounded-md border">
      {fields.map(({ name, isRequired, type, description, note }) => (
        <li key={name} className="px-3 py-1.5">
          <p>
            <code className="font-semibold">{name}</code>
            {isRequired && <span className="text-warn"> required</span>}
            {note && <span className="text-muted"> {note}</span>} <TypeView type={type} />
          </p>
          {description && <p className="text-muted">{description}</p>}
        </li>
      ))}
    </ul>
  )
}

export function TypeView({ type }: { type: Type }) {
  return (
    <code className="text-muted">
      {type.map(({ text, schema }, i) =>
        schema ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
          <a key={i} href={`#schema-${schema}`} className="text-accent underline">
            {text}
          </a>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <span key={i}>{text}</span>
        ),
      )}
    </code>
  )
}
