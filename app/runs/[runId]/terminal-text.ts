// What a command prints is meant for a terminal. A page keeps the colours and drops what moves the cursor.

// OSC (titles, links), DCS and the like: up to BEL or ST, or the end of the line when it is cut off.
const STRINGS = /\u001b[\]PX^_][^\u0007\u001b\n]*(?:\u0007|\u001b\\|(?=\n)|$)/g
// CSI sequences except SGR (`m`), and two-character escapes.
const MOVES = /\u001b\[[0-?]*[ -/]*[@-ln-~]|\u001b\[[0-?]*$|\u001b[ -/]*[0-Z\\^-~]/g
const COLOURS = /\u001b\[[\d;:]*m/g

/** Text with at most colour codes left: progress lines collapsed to their last state, backspaces applied. */
export function terminalText(raw: string): string {
  const text = raw.replace(STRINGS, '').replace(MOVES, '').replace(/\r\n/g, '\n')
  return text.includes('\r') || text.includes('\b') ? text.split('\n').map(lastState).join('\n') : text
}

export const hasColours = (text: string) => text.includes('\u001b[')

export const withoutColours = (text: string) => text.replace(COLOURS, '')

/** A line that was written over ends as its last writing; a shorter one leaves nothing of the longer, as `\x1b[K` would. */
function lastState(line: string): string {
  const states = line.split('\r')
  const last = states.findLast(state => state !== '') ?? ''
  return last.includes('\b') ? withBackspaces(last) : last
}

function withBackspaces(line: string): string {
  const kept: string[] = []
  for (const char of line) {
    if (char === '\b') kept.pop()
    else kept.push(char)
  }
  return kept.join('')
}
