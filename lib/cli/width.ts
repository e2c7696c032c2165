// How many columns of a terminal a text takes: letters of East Asia and emoji take two, combining marks none.

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const NOTHING = /\p{Mn}|\p{Me}|\p{Cf}/u

const columnsOfChar = (char: string) => (NOTHING.test(char) ? 0 : WIDE.test(char) ? 2 : 1)

export function columnsOf(text: string): number {
  let columns = 0
  for (const char of text) columns += columnsOfChar(char)
  return columns
}

/** The beginning of a text that fits, with an ellipsis where something was left out. */
export function cutColumns(text: string, room: number): string {
  if (columnsOf(text) <= room) return text
  let kept = ''
  let columns = 0
  for (const char of text) {
    columns += columnsOfChar(char)
    if (columns > room - 1) break
    kept += char
  }
  return room < 1 ? '' : `${kept}…`
}
