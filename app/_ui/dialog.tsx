'use client'
import clsx from 'clsx'
import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { IconButton } from './button.tsx'
import { useShortcuts } from './shortcuts.tsx'
import { shareStyleNonce } from './style-nonce.ts'

/** A modal dialog, mounted only while it is open. Silences the keys under it; Escape closes it. */
export function Dialog({
  title,
  description,
  isWhole = false,
  onClose,
  children,
}: {
  title: string
  description?: string
  /** Takes the whole screen; what it holds has a head with a way to close of its own. */
  isWhole?: boolean
  onClose: () => void
  children: ReactNode
}) {
  // While it renders: its parts write their styles as soon as they are there. It is never rendered on the server.
  useState(shareStyleNonce)
  useShortcuts('dialog', [])
  return (
    <Radix.Root open onOpenChange={open => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.5)]" />
        <Radix.Content
          aria-describedby={description ? undefined : ''}
          className={clsx(
            'fixed z-50 flex flex-col bg-bg',
            isWhole
              ? 'inset-0 pb-[env(safe-area-inset-bottom)]'
              : 'top-[8dvh] left-1/2 max-h-[84dvh] w-[min(46rem,calc(100vw-1.5rem))] -translate-x-1/2 rounded-lg border shadow-pop',
          )}
        >
          {isWhole ? (
            <>
              <Radix.Title className="sr-only">{title}</Radix.Title>
              {children}
            </>
          ) : (
            <>
              <div className="flex items-center gap-2 border-b px-4 py-2.5">
                <Radix.Title className="flex-1 text-lg font-semibold">{title}</Radix.Title>
                <IconButton label="Close" onClick={onClose}>
                  <X aria-hidden className="size-4" />
                </IconButton>
              </div>
              <div className="min-h-0 overflow-y-auto p-4">
                {description && (
                  <Radix.Description className="mb-3 text-muted">{description}</Radix.Description>
                )}
                {children}
              </div>
            </>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
