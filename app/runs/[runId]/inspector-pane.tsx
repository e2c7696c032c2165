'use client'
import clsx from 'clsx'
import dynamic from 'next/dynamic'
import type { ChangePane } from '../../_hooks/use-panes.ts'
import { PaneSeparator } from '../../_ui/pane-separator.tsx'
import { Loading } from '../../_ui/panel.tsx'
import { type Pane, widthClass } from '../../_ui/panes.ts'
import type { InspectorProps } from './inspector.tsx'
import type { InspectorState } from './use-inspector.ts'

const Inspector = dynamic(() => import('./inspector.tsx').then(m => m.Inspector), {
  loading: () => <Loading rows={4} label="Loading the inspector" />,
})
const InspectorSheet = dynamic(() => import('./inspector-sheet.tsx').then(m => m.InspectorSheet), {
  ssr: false,
})

/** Beside the stream, over a part of it or over all of it, as there is room: told by classes, so that the first HTML is right. */
export function InspectorPane({
  state,
  pane,
  changePane,
  ...rest
}: InspectorProps & { state: InspectorState; pane: Pane; changePane: ChangePane }) {
  const { isOpenOver, isOpenWide, mode } = state
  if (mode === 'sheet') return isOpenOver && <InspectorSheet {...rest} />
  return (
    <>
      <PaneSeparator
        name="inspector"
        label="Width of the inspector"
        pane={{ ...pane, open: isOpenWide }}
        side="right"
        controls="inspector"
        onChange={next => {
          if (next.open !== isOpenWide) state.setOpen(next.open)
          if (next.open) changePane('inspector', next)
        }}
        className="hidden @min-[1060px]/page:block"
      />
      {isOpenWide && (
        <aside
          id="inspector"
          aria-label="Inspector"
          className={clsx(
            'hidden max-w-full min-w-0 flex-col bg-bg',
            widthClass(pane),
            // Over the stream it is in front; beside it, it is not.
            'absolute inset-y-0 right-0 z-20 border-l shadow-pop',
            '@min-[1060px]/page:static @min-[1060px]/page:flex @min-[1060px]/page:shrink-0 @min-[1060px]/page:border-l-0 @min-[1060px]/page:shadow-none',
            isOpenOver && '@min-[640px]/page:flex',
          )}
        >
          <Inspector {...rest} />
        </aside>
      )}
    </>
  )
}
