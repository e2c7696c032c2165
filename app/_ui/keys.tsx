import { keyLabels } from '#lib/client/shortcuts'
import { useIsMac } from '../_hooks/use-is-mac.ts'
import { Kbd } from './kbd.tsx'

/** The ways to press a shortcut, each once as people see it. */
export function Keys({ keys }: { keys: readonly string[] }) {
  const isMac = useIsMac()
  if (keys.length === 0) return <span className="text-muted">none</span>
  const ways = new Map(keys.map(one => keyLabels(one, isMac)).map(way => [way.join(' '), way]))
  return [...ways].map(([said, way], i) => (
    <span key={said} className="flex items-center gap-1">
      {i > 0 && <span className="text-muted">or</span>}
      {way.map(label => (
        <Kbd key={label}>{label}</Kbd>
      ))}
    </span>
  ))
}
