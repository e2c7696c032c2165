import { Eye } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Reviewer } from '#lib/contract/live'
import { useStored } from '../_hooks/use-stored.ts'
import { useLive } from './live-provider.tsx'

/** Says that this page looks at an open gate, and whether somebody else does: the first decision wins. */
export function AlsoReviewing({ gateId }: { gateId: string }) {
  const live = useLive()
  const [browser, setBrowser] = useStored('retrai.browser', '')
  const [others, setOthers] = useState<Reviewer[]>([])
  useEffect(() => {
    // A word that all tabs of this browser share, and nothing follows from.
    if (browser === '') setBrowser(Math.random().toString(36).slice(2))
    else return live?.review(gateId, browser, setOthers)
  }, [live, gateId, browser, setBrowser])
  const said = wordsOf(others)
  // Always there: a status that appears with its text is not read out.
  return (
    <p
      role="status"
      className={said === null ? 'sr-only' : 'flex items-center gap-1.5 px-4 py-1 text-xs text-info'}
    >
      {said !== null && (
        <>
          <Eye aria-hidden className="size-3.5" />
          {said}
        </>
      )}
    </p>
  )
}

function wordsOf(others: Reviewer[]): string | null {
  const elsewhere = others.filter(other => !other.is_same_browser).length
  if (elsewhere === 1) return 'Somebody is reviewing this in another browser'
  if (elsewhere > 1) return `${elsewhere} other browsers are reviewing this`
  return others.length > 0 ? 'You have this open in another tab too' : null
}
