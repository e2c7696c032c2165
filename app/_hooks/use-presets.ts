import { useMemo } from 'react'
import { EMPTY_FORM } from '#lib/client/new-run'
import { type Preset, readPresets } from '#lib/client/presets'
import { useStored } from './use-stored.ts'

/** Kept in this browser. */
export function usePresets(): [Preset[], (presets: Preset[]) => void] {
  const [stored, setStored] = useStored('retrai.presets', '[]')
  const presets = useMemo(() => readPresets(stored, EMPTY_FORM), [stored])
  return [presets, next => setStored(JSON.stringify(next))]
}
