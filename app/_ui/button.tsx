import clsx from 'clsx'
import Link from 'next/link'
import type { ComponentProps, ReactNode } from 'react'
import { KeyHint } from './key-hint.tsx'

type Kind = 'primary' | 'plain' | 'quiet' | 'danger'

const KINDS: Record<Kind, string> = {
  primary: 'bg-accent text-on-accent border-transparent hover:brightness-110',
  plain: 'bg-bg text-text border-control hover:bg-raised',
  quiet: 'bg-transparent text-muted border-transparent hover:bg-raised hover:text-text',
  danger: 'bg-bg text-err border-err hover:bg-err-tint hover:text-err-text',
}

const SHAPE =
  'inline-flex h-7 min-w-7 shrink-0 select-none items-center justify-center gap-1.5 rounded-md border ' +
  'font-medium whitespace-nowrap transition-colors coarse:h-11 coarse:min-w-11 ' +
  'disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55'

interface Look {
  kind?: Kind
  /** A lucide icon or one of ours, before the text. */
  icon?: ReactNode
  /** The key that does the same; shown as a hint where keys exist. */
  hint?: string
}

interface Blocked {
  /** Why it does nothing for now. It keeps the focus, so that nobody is thrown out of where they were. */
  blocked?: string | null
}

/** `type="button"` unless said otherwise: a button never submits a form by accident. */
export function Button({
  kind = 'plain',
  icon,
  hint,
  className,
  children,
  blocked = null,
  ...rest
}: ComponentProps<'button'> & Look & Blocked) {
  return (
    <button
      type="button"
      {...rest}
      {...(blocked === null ? {} : inert(blocked))}
      className={clsx(SHAPE, 'px-2.5', KINDS[kind], className)}
    >
      {icon}
      {children}
      {hint && <KeyHint usual={hint} />}
    </button>
  )
}

/** Also for the button of a form: Enter in a field presses it. */
const inert = (why: string): ComponentProps<'button'> => ({
  'aria-disabled': true,
  title: why,
  onClick: event => event.preventDefault(),
})

/** A link that looks like a button: it goes somewhere. */
export function ButtonLink({
  kind = 'plain',
  icon,
  hint,
  className,
  children,
  ...rest
}: ComponentProps<typeof Link> & Look) {
  return (
    <Link {...rest} className={clsx(SHAPE, 'px-2.5', KINDS[kind], className)}>
      {icon}
      {children}
      {hint && <KeyHint usual={hint} />}
    </Link>
  )
}

/** A square button with an icon alone; `label` is its name and its tooltip. */
export function IconButton({
  label,
  kind = 'quiet',
  className,
  children,
  ...rest
}: ComponentProps<'button'> & { label: string; kind?: Kind }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={clsx(SHAPE, KINDS[kind], 'w-7 coarse:w-11', className)}
    >
      {children}
    </button>
  )
}
