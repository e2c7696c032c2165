import { BookmarkPlus } from 'lucide-react'
import { useState } from 'react'
import { valuesOf, withPreset } from '#lib/client/presets'
import { usePresets } from '../../_hooks/use-presets.ts'
import { Button } from '../../_ui/button.tsx'
import { Input, Select } from '../../_ui/field.tsx'
import type { FormProps } from './form-props.ts'

/** Model, budget and gate under a name, to be taken again for another project. */
export function PresetField({ form, set }: Pick<FormProps, 'form' | 'set'>) {
  const [presets, setPresets] = usePresets()
  const [name, setName] = useState<string | null>(null)
  const values = JSON.stringify(valuesOf(form))
  const chosen = presets.find(preset => JSON.stringify(preset.values) === values)

  function keep() {
    if (name?.trim()) setPresets(withPreset(presets, name, valuesOf(form)))
    setName(null)
  }

  if (name !== null)
    return (
      <div className="flex flex-wrap items-center gap-2">
        <Input
          autoFocus
          aria-label="Name of the preset"
          value={name}
          maxLength={60}
          placeholder="Cheap and careful"
          className="max-w-60"
          onChange={event => setName(event.currentTarget.value)}
          onKeyDown={event => {
            if (event.key === 'Escape') setName(null)
            if (event.key !== 'Enter') return
            event.preventDefault() // not the whole form
            keep()
          }}
        />
        <Button onClick={keep} blocked={name.trim() === '' ? 'Give it a name' : null}>
          Keep
        </Button>
        <Button kind="quiet" onClick={() => setName(null)}>
          Cancel
        </Button>
      </div>
    )
  return (
    <div className="flex flex-wrap items-center gap-2">
      {presets.length > 0 && (
        <Select
          aria-label="Preset"
          value={chosen?.name ?? ''}
          onChange={event => {
            const preset = presets.find(one => one.name === event.currentTarget.value)
            if (preset) set(preset.values)
          }}
          className="max-w-60"
        >
          <option value="">Preset…</option>
          {presets.map(preset => (
            <option key={preset.name} value={preset.name}>
              {preset.name}
            </option>
          ))}
        </Select>
      )}
      {!chosen && (
        <Button
          kind="quiet"
          icon={<BookmarkPlus aria-hidden className="size-3.5" />}
          onClick={() => setName('')}
        >
          Keep model, budget and gate as a preset
        </Button>
      )}
    </div>
  )
}
