import { useState } from 'react'
import { compact } from '#lib/client/format'
import type { ModelInfo } from '#lib/contract/models'
import { Field, Input, Select } from '../../_ui/field.tsx'
import type { FormProps } from './form-props.ts'

const OTHER = ' other'

export function ModelField({ form, set, errors, models }: FormProps & { models: ModelInfo[] }) {
  const known = models.find(m => m.name === form.model_name)
  const [isNaming, setOther] = useState(!known)
  // A preset may bring a name that is not in the list.
  const other = isNaming || !known
  const groups = [
    { label: 'Ready', models: models.filter(m => m.available && !m.scripted) },
    { label: 'Replayed, no model is called', models: models.filter(m => m.available && m.scripted) },
    { label: 'Not set up', models: models.filter(m => !m.available) },
  ].filter(g => g.models.length > 0)
  return (
    <div className="grid gap-3 @2xl:grid-cols-2">
      <Field
        label="Model"
        error={other ? null : errors['/model_name']}
        hint={!other && known && <Facts model={known} />}
      >
        {ids => (
          <Select
            {...ids}
            className="w-full"
            value={other ? OTHER : form.model_name}
            onChange={event => {
              const { value } = event.currentTarget
              // `ollama/<model>` stands for all of a provider's models: the name is still to be typed.
              const open = value === OTHER || value.includes('<')
              setOther(open)
              if (value !== OTHER) set({ model_name: value.replace(/<.*/, '') })
            }}
          >
            {groups.map(group => (
              <optgroup key={group.label} label={group.label}>
                {group.models.map(model => (
                  <option key={model.name} value={model.name}>
                    {model.title}
                    {model.price && ` · $${model.price.input}/$${model.price.output}`}
                  </option>
                ))}
              </optgroup>
            ))}
            <option value={OTHER}>Another name…</option>
          </Select>
        )}
      </Field>
      {other && (
        <Field
          label="Name of the model"
          error={errors['/model_name']}
          hint="As its provider calls it; ollama/…, openrouter/… choose the provider"
        >
          {ids => (
            <Input
              {...ids}
              value={form.model_name}
              spellCheck={false}
              autoCapitalize="off"
              placeholder="ollama/qwen3-coder"
              className="font-mono text-mono"
              onChange={event => set({ model_name: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
    </div>
  )
}

function Facts({ model }: { model: ModelInfo }) {
  if (!model.available) return <span className="text-warn">{model.why_not}</span>
  if (model.scripted) return 'Replays a recorded conversation with real tools'
  const facts = [
    model.price
      ? `$${model.price.input} in, $${model.price.output} out per million tokens`
      : 'Price not known: its cost is shown as —',
    model.context_window && `${compact(model.context_window)} context`,
  ]
  return facts.filter(Boolean).join(' · ')
}
