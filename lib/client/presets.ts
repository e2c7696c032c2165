// Settings of new runs under a name: which model, which budget, which gate. Not the project and not the goal.
import { GATE_MODES, ON_TIMEOUT } from '../contract/gate-policy.ts'
import type { NewRunForm } from './new-run.ts'

const KEPT = [
  'model_name',
  'max_iterations',
  'max_cost_usd',
  'max_minutes',
  'gate',
  'on_timeout',
  'gate_timeout',
  'instructions',
  'protect',
  'protect_patterns',
  'confirm',
  'no_progress_iterations',
  'check_timeout_seconds',
  'priority',
  'network',
  'network_hosts',
] as const satisfies readonly (keyof NewRunForm)[]

const WORDS: { [K in keyof NewRunForm]?: readonly unknown[] } = { gate: GATE_MODES, on_timeout: ON_TIMEOUT }

export type PresetValues = Pick<NewRunForm, (typeof KEPT)[number]>

export interface Preset {
  name: string
  values: PresetValues
}

const MAX_PRESETS = 50
const MAX_NAME = 60

export const valuesOf = (form: NewRunForm): PresetValues =>
  // KEPT has exactly the keys of the type.
  Object.fromEntries(KEPT.map(name => [name, form[name]])) as PresetValues

/** Anything that is no preset of ours is left out; a value that is missing, or of another kind, is that of `usual`. */
export function readPresets(text: string, usual: NewRunForm): Preset[] {
  let kept: unknown
  try {
    kept = JSON.parse(text)
  } catch {
    return [] // written by another version, or by hand
  }
  if (!Array.isArray(kept)) return []
  return kept.flatMap((one: unknown): Preset[] => {
    const { name, values } = Object(one) as { name?: unknown; values?: unknown } // looked at below
    if (typeof name !== 'string' || name.trim() === '' || typeof values !== 'object' || values === null)
      return []
    const given = new Map(Object.entries(values))
    const value = (key: (typeof KEPT)[number]) => {
      const found = key === 'gate' && given.get(key) === true ? 'each' : given.get(key) // once it was on or off
      const words: readonly unknown[] | undefined = WORDS[key]
      const isFit = words ? words.includes(found) : typeof found === typeof usual[key]
      return isFit ? found : usual[key]
    }
    return [{ name, values: Object.fromEntries(KEPT.map(key => [key, value(key)])) as PresetValues }] // of that kind
  })
}

/** One with the same name is replaced. */
export function withPreset(presets: readonly Preset[], name: string, values: PresetValues): Preset[] {
  const short = name.trim().slice(0, MAX_NAME)
  if (short === '') return [...presets]
  return [...presets.filter(one => one.name !== short), { name: short, values }].slice(-MAX_PRESETS)
}
