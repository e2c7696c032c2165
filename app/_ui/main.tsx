import clsx from 'clsx'
import type { ComponentProps } from 'react'

/** Under the top bar: the part of a page that scrolls. Target of the skip link. */
export function Main({ className, ...rest }: ComponentProps<'main'>) {
  return (
    <main
      id="main"
      tabIndex={-1}
      {...rest}
      className={clsx('@container min-h-0 min-w-0 flex-1 overflow-y-auto scroll-pt-12', className)}
    />
  )
}
