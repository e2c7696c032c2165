'use client'
import { Dialog } from '../../_ui/dialog.tsx'
import { Inspector, type InspectorProps } from './inspector.tsx'

/** On a phone: over everything, closed by the browser's own «back». */
export function InspectorSheet(props: InspectorProps) {
  return (
    <Dialog title="Inspector" isWhole onClose={props.onClose}>
      <Inspector {...props} />
    </Dialog>
  )
}
