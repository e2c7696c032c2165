import { expect, test } from 'vitest'
import { endpoints } from '../contract/endpoints.ts'
import * as client from './endpoints.ts'

test('every endpoint of the browser has the method and path of the contract', () => {
  const contract = Object.fromEntries(endpoints.map(e => [e.id, { method: e.method, path: e.path }]))
  for (const [id, endpoint] of Object.entries(client))
    expect({ id, ...endpoint }).toEqual({ id, ...contract[id] })
})

test('no operation a person can do in the dashboard is missing', () => {
  const ofServer = (id: string) => ['getOpenapi', 'createBackup'].includes(id)
  const shown = endpoints.filter(e => !e.direct && !ofServer(e.id)).map(e => e.id)
  expect(Object.keys(client).sort()).toEqual(shown.sort())
})
