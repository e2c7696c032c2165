'use client'
import { Component, lazy, type ReactNode, Suspense } from 'react'
import { visible } from '../../_ui/visible-text.ts'

const Markdown = lazy(() => import('./markdown.tsx'))

/** The model's words: plain until Markdown is loaded, and where it cannot be. */
export function ModelText({ text }: { text: string }) {
  const plain = <p className="whitespace-pre-wrap">{visible(text.slice(0, 60_000))}</p>
  return (
    <div className="max-w-[80ch] min-w-0 leading-5 break-words [&_:first-child]:mt-0">
      <PlainOnError fallback={plain}>
        <Suspense fallback={plain}>
          <Markdown text={text} />
        </Suspense>
      </PlainOnError>
    </div>
  )
}

class PlainOnError extends Component<{ fallback: ReactNode; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }
  static getDerivedStateFromError() {
    return { failed: true }
  }
  override render() {
    return this.state.failed ? this.props.fallback : this.props.children
  }
}
