// Colours of a terminal as spans; loaded when the first output with colours is shown. Tokens, never HTML.
import Anser from 'anser'
import clsx from 'clsx'
import { VisibleText } from '../../_ui/visible-code.tsx'

// Anser names the 16 colours by their classic RGB values; ours have contrast in both themes.
const COLOURS: Record<string, string> = {
  'ansi-black': 'text-muted',
  'ansi-red': 'text-err',
  'ansi-green': 'text-ok',
  'ansi-yellow': 'text-warn',
  'ansi-blue': 'text-info',
  'ansi-magenta': 'text-ansi-magenta',
  'ansi-cyan': 'text-ansi-cyan',
}

const STYLES: Record<string, string> = {
  bold: 'font-bold',
  dim: 'text-muted',
  italic: 'italic',
  underline: 'underline',
  strikethrough: 'line-through',
  reverse: 'bg-raised',
}

export default function AnsiText({ text }: { text: string }) {
  return Anser.ansiToJson(text, { json: true, remove_empty: true, use_classes: true }).map((token, i) => {
    const colour = COLOURS[token.fg?.replace('bright-', '') ?? '']
    const styles = token.decorations.map(name => STYLES[name])
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text have no identity but their place
      <span key={i} className={clsx(colour, styles)}>
        <VisibleText text={token.content} />
      </span>
    )
  })
}
