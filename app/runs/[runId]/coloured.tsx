'use client'
import { lazy, Suspense } from 'react'
import { hasColours, withoutColours } from './terminal-text.ts'
import { VisibleText } from './visible-code.tsx'

const AnsiText = lazy(() => import('./ansi-text.tsx'))

/** Terminal text; what colours it is loaded only when there are any. */
export function Coloured({ text }: { text: string }) {
  if (!hasColours(text)) return <VisibleText text={text} />
  return (
    <Suspense fallback={<VisibleText text={withoutColours(text)} />}>
      <AnsiText text={text} />
    </Suspense>
  )
}
