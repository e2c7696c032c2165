import Link from 'next/link'
import { useState } from 'react'
import { bytes } from '#lib/client/format'
import type { ServerInfo } from '#lib/contract/server'
import { Button } from '../_ui/button.tsx'
import { Snippet } from '../_ui/snippet.tsx'

/** Where runs are kept, how they are copied, and what this browser keeps. */
export function DataSettings({ server }: { server: ServerInfo }) {
  const { data_dir, database_bytes } = server
  return (
    <div className="space-y-4">
      <p>
        Runs are kept in <code className="break-all">{data_dir}</code> on the server
        {database_bytes !== null && `, ${bytes(database_bytes)}`}. How it is doing stands on{' '}
        <Link href="/health" className="text-accent underline">
          Health
        </Link>
        .
      </p>
      <div>
        <p className="mb-2">A copy of all runs, while the server goes on working:</p>
        <Snippet text="retrai backup ~/retrai-backup.db" label="Make a copy of all runs" />
      </div>
      <ForgetHere />
    </div>
  )
}

/** What pages keep begins so. */
const OURS = /^retrai[._]/

function ForgetHere() {
  const [isAsking, setAsking] = useState(false)
  const [isDone, setDone] = useState(false)

  function forget() {
    for (const name of Object.keys(localStorage)) if (OURS.test(name)) localStorage.removeItem(name)
    for (const pair of document.cookie.split('; ')) {
      const [name = ''] = pair.split('=')
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and on plain HTTP
      if (OURS.test(name)) document.cookie = `${name}=; path=/; max-age=0; samesite=lax`
    }
    setAsking(false)
    setDone(true)
  }

  return (
    <div className="flex flex-wrap items-center gap-2">
      <p className="min-w-40 flex-1">
        This browser keeps looks, keys, presets, columns and notes that were not sent. Runs are not in it.
      </p>
      {isAsking ? (
        <>
          <Button onClick={() => setAsking(false)}>Cancel</Button>
          <Button kind="danger" onClick={forget}>
            Forget all of it
          </Button>
        </>
      ) : (
        <Button onClick={() => setAsking(true)}>Forget what this browser keeps</Button>
      )}
      <p role="status" className="w-full text-muted">
        {isDone && 'Forgotten. It counts once the page is loaded again.'}
      </p>
    </div>
  )
}
