'use client'
import { Play } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { call } from '#lib/client/call'
import { startDemo } from '#lib/client/endpoints'
import { Button } from '../../_ui/button.tsx'

/** Starts the demo and leads to it. */
export function PlayDemo() {
  const router = useRouter()
  const [state, setState] = useState<'ready' | 'starting' | { why: string }>('ready')
  async function play() {
    if (state === 'starting') return
    setState('starting')
    try {
      const { run_id } = await call(startDemo, { body: {} })
      router.push(`/runs/${run_id}`)
    } catch (error) {
      setState({ why: error instanceof Error ? error.message : String(error) })
    }
  }
  return (
    <>
      <Button
        onClick={play}
        aria-disabled={state === 'starting'}
        icon={<Play aria-hidden className="size-3.5" />}
      >
        {state === 'starting' ? 'Starting…' : 'Play the demo run'}
      </Button>
      {typeof state === 'object' && (
        <p role="alert" className="mt-2 text-err">
          {state.why}
        </p>
      )}
    </>
  )
}
