'use client'
import { useEffect } from 'react'
import { count } from '#lib/client/format'
import { useActiveRuns } from './live-provider.tsx'
import { useNeedsYou } from './use-needs-you.ts'

/** `✋2 · …` in the title, a dot on the icon of the tab and an announcement, on every page, while a run waits for a person. */
export function TabMarks() {
  const needsYou = useNeedsYou()
  const isRunning = useActiveRuns().some(run => run.status === 'running')
  const icon = needsYou > 0 ? 'icon-needs-you' : isRunning ? 'icon-running' : 'icon'
  useEffect(() => {
    const mark = () => {
      const bare = document.title.replace(/^✋\d+ · /, '')
      const wanted = needsYou > 0 ? `✋${needsYou} · ${bare}` : bare
      if (document.title !== wanted) document.title = wanted
    }
    mark()
    // Pages set their own titles, also while they are open: the mark is put back in front of each.
    const observer = new MutationObserver(mark)
    observer.observe(document.head, { childList: true, subtree: true, characterData: true })
    return () => observer.disconnect()
  }, [needsYou])
  return (
    <>
      <link rel="icon" type="image/svg+xml" href={`/${icon}.svg`} />
      <div role="status" className="sr-only">
        {needsYou > 0 && `${count(needsYou, 'run needs', 'runs need')} you`}
      </div>
    </>
  )
}
