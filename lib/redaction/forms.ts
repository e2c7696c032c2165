// The forms in which a value turns up when a program prints it: as it is, escaped, encoded. Base64 in all three alignments,
// because what stands before the value shifts it.

/** Encoded forms shorter than this say too little to be told from other text. */
const SHORTEST_FORM = 6

export function formsOf(value: string): string[] {
  const bytes = Buffer.from(value)
  const hex = bytes.toString('hex')
  const json = inJson(value)
  const url = encodeURIComponent(value)
  const everyByte = hex.replace(/../g, '%$&')
  const forms = [
    value,
    json,
    inJson(json),
    url,
    lowerEscapes(url),
    url.replaceAll('%20', '+'),
    url.replace(/[!'()*~]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
    everyByte,
    everyByte.toUpperCase(),
    hex,
    hex.toUpperCase(),
    inHtml(value),
    ...base64Forms(bytes),
  ]
  return [...new Set(forms)].filter(form => form.length >= SHORTEST_FORM)
}

const inJson = (text: string) => JSON.stringify(text).slice(1, -1)

const lowerEscapes = (text: string) => text.replace(/%[0-9A-F]{2}/g, part => part.toLowerCase())

function inHtml(text: string): string {
  const names: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#x27;',
  }
  return text.replace(/[&<>"']/g, char => names[char]!)
}

function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap(shift => {
    const length = shift + bytes.length
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    // Only the characters that the value alone decides.
    const standard = encoded.slice(Math.ceil((shift * 8) / 6), Math.floor((length * 8) / 6))
    return [standard, standard.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
