'use client'
import { Main } from './_ui/main.tsx'
import { Failure } from './_ui/panel.tsx'
import { TopBar } from './_ui/top-bar.tsx'

export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string }
  reset: () => void
}) {
  return (
    <>
      <TopBar crumbs={[{ label: 'Something went wrong' }]} />
      <Main>
        <Failure
          title="This page could not be shown"
          // In production the server's message does not reach the browser; the digest finds it in the log.
          detail={error.digest ? 'The reason is in the server’s log.' : error.message}
          requestId={error.digest}
          onRetry={reset}
        />
      </Main>
    </>
  )
}
