'use client'
import { Component, type ReactNode } from 'react'
import { messageOf } from '#lib/errors'
import { Button } from '../../_ui/button.tsx'
import { Failure } from '../../_ui/panel.tsx'

/** One part of the page that fails must not take the rest with it. */
export class PanelBoundary extends Component<
  { name: string; children: ReactNode; compact?: boolean },
  { error: unknown }
> {
  override state: { error: unknown } = { error: null }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error === null) return this.props.children
    const retry = () => this.setState({ error: null })
    if (this.props.compact)
      return (
        <div role="alert" className="flex items-center gap-2 px-3 py-1 text-err">
          {this.props.name} cannot be shown: {messageOf(this.state.error)}
          <Button kind="quiet" onClick={retry}>
            Try again
          </Button>
        </div>
      )
    return (
      <Failure
        title={`${this.props.name} cannot be shown`}
        detail={`${messageOf(this.state.error)}. The rest of the page works on.`}
        onRetry={retry}
      />
    )
  }
}
