// From the JSON Schema of a goal's settings to the fields of a form. Pure. What is no plain value is typed as JSON.

export interface OptionField {
  name: string
  kind: 'text' | 'number' | 'boolean' | 'choice' | 'lines' | 'json'
  about: string | undefined
  isRequired: boolean
  /** The default; undefined for none. */
  fallback: unknown
  choices: string[]
}

export function optionFields(schema: Record<string, unknown>): OptionField[] {
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(asObject(schema.properties)).map(([name, value]) => {
    const property = asObject(value)
    return {
      name,
      ...kindOf(property),
      about: typeof property.description === 'string' ? property.description : undefined,
      isRequired: required.includes(name) && property.default === undefined,
      fallback: property.default,
    }
  })
}

function kindOf(property: Record<string, unknown>): Pick<OptionField, 'kind' | 'choices'> {
  const plain = (kind: OptionField['kind']) => ({ kind, choices: [] })
  if (Array.isArray(property.enum) && property.enum.every(one => typeof one === 'string'))
    return { kind: 'choice', choices: property.enum }
  // `text or a list of texts`: the text alone says it all.
  const either = [property.anyOf, property.oneOf].find(Array.isArray)
  if (either) {
    const kinds = either.map(one => kindOf(asObject(one)).kind)
    return plain(kinds.includes('text') && kinds.includes('lines') ? 'text' : 'json')
  }
  switch (property.type) {
    case 'string':
      return plain('text')
    case 'number':
    case 'integer':
      return plain('number')
    case 'boolean':
      return plain('boolean')
    case 'array':
      return plain(asObject(property.items).type === 'string' ? 'lines' : 'json')
    default:
      return plain('json')
  }
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
