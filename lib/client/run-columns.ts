// Which columns the list of runs shows. A cookie, so that the first HTML has them: nothing jumps.

export const RUN_COLUMNS = [
  { id: 'run', title: 'Run' },
  { id: 'iterations', title: 'Iter' },
  { id: 'failing', title: 'Failing' },
  { id: 'trend', title: 'Trend' },
  { id: 'lines', title: 'Δ lines' },
  { id: 'model', title: 'Model' },
  { id: 'tokens', title: 'Tokens' },
  { id: 'cost', title: 'Cost' },
  { id: 'age', title: 'Age' },
] as const
export type RunColumn = (typeof RUN_COLUMNS)[number]['id']

export const COLUMNS_COOKIE = 'retrai_columns'
export const USUAL_COLUMNS: readonly RunColumn[] = [
  'run',
  'iterations',
  'failing',
  'trend',
  'lines',
  'cost',
  'age',
]

/** From the cookie; what it names and nobody knows is left out. */
export function readColumns(value: string | undefined): RunColumn[] {
  if (value === undefined) return [...USUAL_COLUMNS]
  const named = value.split('.')
  return RUN_COLUMNS.map(({ id }) => id).filter(id => named.includes(id))
}

/** `none` for none: an empty cookie would be taken away by some browsers. */
export const writeColumns = (columns: readonly RunColumn[]): string => columns.join('.') || 'none'

export const toggleColumn = (columns: readonly RunColumn[], id: RunColumn): RunColumn[] =>
  RUN_COLUMNS.map(column => column.id).filter(one =>
    one === id ? !columns.includes(id) : columns.includes(one),
  )
