import clsx from 'clsx'
import type { ComponentProps } from 'react'

/** Under the top bar: the part of a page that scrolls. Target of the skip link. */
export function Main({ className, ...rest }: ComponentProps<'main'>) {
  return (
    <main
      id="main"
      tabIndex={-1}
      {...rest}
      // Room to scroll to: what has the focus must not lie under bars that stick to the top or the bottom.
      // `relative`: what is hidden by being placed off (sr-only) must not make the document itself scroll.
      className={clsx(
        '@container relative min-h-0 min-w-0 flex-1 overflow-y-auto scroll-pt-12 scroll-pb-20',
        className,
      )}
    />
  )
}
