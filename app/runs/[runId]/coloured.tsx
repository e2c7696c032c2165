'use client'
import { lazy, Suspense } from 'react'
import { VisibleText } from '../../_ui/visible-code.tsx'
import { hasColours, withoutColours } from './terminal-text.ts'

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
