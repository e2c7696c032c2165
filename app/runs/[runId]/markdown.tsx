// What the model says, as Markdown. Loaded when the first such text is opened. Its HTML is text, its images are links,
// so that nothing it writes can load anything from elsewhere.
import MarkdownToJsx from 'markdown-to-jsx'
import type { ReactNode } from 'react'
import { visible } from '../../_ui/visible-text.ts'

const SAFE = /^(https?:|mailto:)/i

function SafeLink({ href, children }: { href?: string; children?: ReactNode }) {
  if (!href || !SAFE.test(href)) return <span>{children}</span>
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className="text-accent underline">
      {children}
    </a>
  )
}

function ImageAsLink({ src, alt }: { src?: string; alt?: string }) {
  return <SafeLink href={src}>{alt || src || 'image'}</SafeLink>
}

/** Headings of a message are not headings of the page. */
const heading = { component: 'p' as const, props: { className: 'font-semibold' } }

const OPTIONS = {
  disableParsingRawHTML: true,
  forceBlock: true,
  overrides: {
    a: SafeLink,
    img: ImageAsLink,
    h1: heading,
    h2: heading,
    h3: heading,
    h4: heading,
    h5: heading,
    h6: heading,
    p: { props: { className: 'my-1' } },
    ul: { props: { className: 'my-1 list-disc pl-5' } },
    ol: { props: { className: 'my-1 list-decimal pl-5' } },
    pre: {
      props: { className: 'my-1.5 overflow-x-auto rounded-md border bg-panel px-3 py-1.5', tabIndex: 0 },
    },
    blockquote: { props: { className: 'my-1 border-l-2 pl-3 text-muted' } },
    table: {
      props: { className: 'my-1.5 border-collapse [&_td]:border [&_td]:px-2 [&_th]:border [&_th]:px-2' },
    },
  },
}

const MAX_CHARS = 60_000

export default function Markdown({ text }: { text: string }) {
  return <MarkdownToJsx options={OPTIONS}>{visible(text.slice(0, MAX_CHARS))}</MarkdownToJsx>
}
