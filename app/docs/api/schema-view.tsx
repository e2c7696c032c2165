import type { NamedSchema } from '#lib/client/api-reference'
import { FieldTable, TypeView } from './field-table.tsx'

export function SchemaView({
  schema: { name, description, type, fields, variants },
}: {
  schema: NamedSchema
}) {
  return (
    <article id={`schema-${name}`} aria-labelledby={`schema-${name}-title`} className="scroll-mt-4 space-y-2">
      <h3 id={`schema-${name}-title`} className="font-mono font-semibold">
        {name}
      </h3>
      {description && <p className="text-muted">{description}</p>}
      {fields.length > 0 && <FieldTable title={name} fields={fields} />}
      {variants.map(variant => (
        <details key={variant.name} className="rounded-md border">
          <summary className="px-3 py-1 font-mono text-mono hover:bg-panel coarse:py-3">
            {variant.name}
          </summary>
          <div className="border-t p-2">
            <FieldTable title={`${name}, ${variant.name}`} fields={variant.fields} />
          </div>
        </details>
      ))}
      {fields.length === 0 && variants.length === 0 && (
        <p>
          <TypeView type={type} />
        </p>
      )}
    </article>
  )
}
