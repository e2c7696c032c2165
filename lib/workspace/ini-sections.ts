// Whole sections of an INI file such as setup.cfg, taken out or put in as text.

interface Section {
  name: string | null
  lines: string[]
}

/** The section's lines without its heading; undefined when there is none. */
export function sectionOf(text: string, name: string): string | undefined {
  const found = sectionsOf(text).filter(section => section.name === name)
  if (found.length === 0) return undefined
  return found
    .map(({ lines }) => lines.slice(1).join('\n').trimEnd())
    .join('\n')
    .trim()
}

/** The text with that section; undefined takes it out, wherever it stands and however often. */
export function withSection(text: string, name: string, body: string | undefined): string {
  const kept = sectionsOf(text).filter(section => section.name !== name)
  const rest = kept.flatMap(({ lines }) => lines).join('\n')
  if (body === undefined) return rest
  return `${rest.trimEnd()}\n\n[${name}]\n${body}\n`.trimStart()
}

function sectionsOf(text: string): Section[] {
  const sections: Section[] = [{ name: null, lines: [] }]
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    // As Python's configparser has it: a heading begins its line.
    const name = /^\[([^\]]+)\]/.exec(line)?.[1]
    if (name !== undefined) sections.push({ name, lines: [] })
    sections.at(-1)!.lines.push(line)
  }
  return sections
}
