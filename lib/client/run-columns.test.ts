import { expect, test } from 'vitest'
import { readColumns, toggleColumn, USUAL_COLUMNS, writeColumns } from './run-columns.ts'

test('what is chosen is read as it was written, in the order of the table', () => {
  expect(readColumns(undefined)).toEqual(USUAL_COLUMNS)
  const chosen = toggleColumn(toggleColumn(USUAL_COLUMNS, 'trend'), 'model')
  expect(chosen).toEqual(['run', 'iterations', 'failing', 'lines', 'model', 'cost', 'age'])
  expect(readColumns(writeColumns(chosen))).toEqual(chosen)
  expect(readColumns(writeColumns([]))).toEqual([])
})

test('a cookie of somebody else does no harm', () => {
  expect(readColumns('age.<script>.run.run')).toEqual(['run', 'age'])
})
