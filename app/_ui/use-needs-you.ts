import { useActiveRuns } from './live-provider.tsx'

/** How many runs wait for a person: the one number of rail, tabs, title and icon. */
export function useNeedsYou(): number {
  return useActiveRuns().filter(r => r.status === 'waiting').length
}
