import Link from 'next/link'
import type { Preset } from '#lib/client/presets'
import { usePresets } from '../_hooks/use-presets.ts'
import { Button } from '../_ui/button.tsx'

export function PresetSettings() {
  const [presets, setPresets] = usePresets()
  if (presets.length === 0)
    return (
      <p className="text-muted">
        None yet. In{' '}
        <Link href="/runs/new" className="text-accent underline">
          New run
        </Link>{' '}
        you can keep model, budget and gate under a name.
      </p>
    )
  return (
    <ul className="divide-y rounded-lg border">
      {presets.map(preset => (
        <li key={preset.name} className="flex items-center gap-3 px-3 py-1.5">
          <span className="font-medium">{preset.name}</span>
          <span className="min-w-0 flex-1 truncate text-muted">{wordsOf(preset)}</span>
          <Button
            kind="quiet"
            aria-label={`Delete the preset ${preset.name}`}
            onClick={() => setPresets(presets.filter(one => one.name !== preset.name))}
          >
            Delete
          </Button>
        </li>
      ))}
    </ul>
  )
}

function wordsOf({ values }: Preset): string {
  const { model_name, max_iterations, max_cost_usd, max_minutes, gate } = values
  return [
    model_name,
    max_iterations && `${max_iterations} iterations`,
    max_cost_usd && `$${max_cost_usd}`,
    max_minutes && `${max_minutes} min`,
    gate && 'gate',
  ]
    .filter(Boolean)
    .join(' · ')
}
