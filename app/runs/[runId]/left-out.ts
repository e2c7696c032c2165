// Very long texts are cut in the first HTML of a page; the part that is missing says so, and can be fetched.

/** A text longer than this is cut. */
const MAX_STRING = 64_000

export const LEFT_OUT = 'characters left out here; the events of the API have them'

export function leaveOut(text: string): string {
  if (text.length <= MAX_STRING) return text
  const half = MAX_STRING / 2
  return `${text.slice(0, half)}\n[${text.length - MAX_STRING} ${LEFT_OUT}]\n${text.slice(-half)}`
}
