import { useState } from 'react'
import { Field, Input, Select, Textarea } from '../../_ui/field.tsx'
import { Switch } from '../../_ui/switch.tsx'
import { type OptionField, optionFields } from './option-fields.ts'

/** The settings of a goal alone, as its JSON Schema says them. What is left empty is not sent: the goal has defaults. */
export function GoalOptions({
  schema,
  values,
  onChange,
  errors,
}: {
  schema: Record<string, unknown>
  values: Record<string, unknown>
  onChange(values: Record<string, unknown>): void
  errors: Record<string, string>
}) {
  const fields = optionFields(schema)
  const [isJson, setJson] = useState(false)
  if (fields.length === 0) return null
  const set = (name: string, value: unknown) => {
    const { [name]: _, ...rest } = values
    onChange(value === undefined ? rest : { ...rest, [name]: value })
  }
  const [simple, rest] = [fields.filter(f => f.kind !== 'json'), fields.filter(f => f.kind === 'json')]
  return (
    <fieldset className="rounded-lg border px-4 pt-2 pb-4">
      <legend className="px-1 font-medium">Settings of this goal</legend>
      <div className="grid items-start gap-3 @2xl:grid-cols-2">
        {simple.map(field => (
          <OptionInput
            key={field.name}
            field={field}
            value={values[field.name]}
            error={errors[`/goal_options/${field.name}`]}
            onChange={value => set(field.name, value)}
          />
        ))}
      </div>
      {rest.length > 0 && (
        <details
          open={isJson || rest.some(({ name, isRequired }) => isRequired || name in values)}
          onToggle={event => setJson(event.currentTarget.open)}
          className="mt-3"
        >
          <summary className="text-muted coarse:py-3">
            {rest.map(({ name }) => name).join(', ')} as JSON
          </summary>
          <div className="mt-2 grid gap-3">
            {rest.map(field => (
              <JsonInput
                key={field.name}
                field={field}
                value={values[field.name]}
                error={errors[`/goal_options/${field.name}`]}
                onChange={value => set(field.name, value)}
              />
            ))}
          </div>
        </details>
      )}
    </fieldset>
  )
}

interface InputProps {
  field: OptionField
  value: unknown
  error: string | undefined
  onChange(value: unknown): void
}

function OptionInput({ field, value, error, onChange }: InputProps) {
  const { kind, name, about, fallback } = field
  if (kind === 'boolean')
    return (
      <Switch
        checked={typeof value === 'boolean' ? value : fallback === true}
        onChange={onChange}
        label={labelOf(field)}
        description={about}
      />
    )
  const placeholder = fallback === undefined ? '' : Array.isArray(fallback) ? 'none' : String(fallback)
  const isWide = kind === 'lines' || kind === 'text'
  return (
    <Field label={labelOf(field)} hint={about} error={error} className={isWide ? '@2xl:col-span-2' : ''}>
      {ids => {
        switch (kind) {
          case 'choice':
            return (
              <Select
                {...ids}
                className="w-full"
                value={value === undefined ? '' : String(value)}
                onChange={event => onChange(event.currentTarget.value || undefined)}
              >
                <option value="">
                  {fallback === undefined ? 'choose' : `${String(fallback)} (default)`}
                </option>
                {field.choices.map(choice => (
                  <option key={choice}>{choice}</option>
                ))}
              </Select>
            )
          case 'number':
            return (
              <NumberInput
                ids={ids}
                value={value}
                placeholder={placeholder}
                onChange={onChange}
                name={name}
              />
            )
          case 'lines':
          case 'text':
            return (
              <Textarea
                {...ids}
                rows={kind === 'lines' ? 3 : 2}
                value={Array.isArray(value) ? value.join('\n') : value === undefined ? '' : String(value)}
                placeholder={kind === 'lines' ? 'one to a line' : placeholder}
                onChange={event => {
                  const typed = event.currentTarget.value
                  onChange(typed === '' ? undefined : kind === 'lines' ? typed.split('\n') : typed)
                }}
              />
            )
          default:
            return null
        }
      }}
    </Field>
  )
}

/** What is typed stays as it is; what it comes to is a number as soon as it is one. */
function NumberInput({
  ids,
  value,
  placeholder,
  onChange,
}: {
  ids: object
  value: unknown
  placeholder: string
  name: string
  onChange(value: unknown): void
}) {
  const [typed, setTyped] = useState(value === undefined ? '' : String(value))
  return (
    <Input
      {...ids}
      inputMode="decimal"
      value={typed}
      placeholder={placeholder}
      onChange={event => {
        const text = event.currentTarget.value
        setTyped(text)
        const n = Number(text.trim().replace(',', '.'))
        // What is no number is sent as it is: the server says what is wrong with it, at this field.
        onChange(text.trim() === '' ? undefined : Number.isFinite(n) ? n : text)
      }}
    />
  )
}

function JsonInput({ field, value, error, onChange }: InputProps) {
  const [typed, setTyped] = useState(value === undefined ? '' : JSON.stringify(value, null, 2))
  const [problem, setProblem] = useState<string | undefined>()
  return (
    <Field label={labelOf(field)} hint={field.about} error={problem ?? error}>
      {ids => (
        <Textarea
          {...ids}
          rows={4}
          value={typed}
          spellCheck={false}
          placeholder={field.fallback === undefined ? '' : JSON.stringify(field.fallback)}
          className="font-mono text-mono"
          onChange={event => {
            const text = event.currentTarget.value
            setTyped(text)
            const parsed = parse(text)
            setProblem(parsed.problem)
            onChange(parsed.problem === undefined ? parsed.value : text)
          }}
        />
      )}
    </Field>
  )
}

function parse(text: string): { value?: unknown; problem?: string } {
  if (text.trim() === '') return {}
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { problem: `not JSON yet: ${error instanceof Error ? error.message : ''}` }
  }
}

const labelOf = ({ name, isRequired }: OptionField) =>
  `${name.replaceAll('_', ' ')}${isRequired ? '' : ' (optional)'}`
