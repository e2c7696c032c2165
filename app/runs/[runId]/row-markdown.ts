import type { Row } from '#lib/contract/run-view'
import { eventLine, eventsOf } from './row-words.ts'
import { terminalText, withoutColours } from './terminal-text.ts'

const MAX = 20_000

/** A row as it is pasted into an issue: what happened, the output fenced, and where to look. */
export function rowMarkdown(row: Row, link: string): string {
  const parts = eventsOf(row).map(event => {
    switch (event.kind) {
      case 'reasoning':
        return event.payload.text
      case 'tool_call':
        return `**${event.payload.tool}**\n\n${fenced(commandOf(event.payload.args))}`
      case 'tool_result':
      case 'goal_check':
        return `${eventLine(event).slice(0, 200)}\n\n${fenced(event.payload.output)}`
      case 'llm_usage':
        return ''
      default:
        return eventLine(event)
    }
  })
  return [...parts.filter(part => part !== ''), link].join('\n\n')
}

const commandOf = (args: Record<string, unknown>) =>
  typeof args.command === 'string' ? args.command : JSON.stringify(args, null, 2)

/** A fence longer than any in the text, so that the text cannot end it. */
function fenced(text: string): string {
  const plain = withoutColours(terminalText(text.slice(0, MAX))).trimEnd()
  const longest = Math.max(2, ...[...plain.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${plain}\n${fence}`
}
