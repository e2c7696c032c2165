import { expect, test } from 'vitest'
import { hasSocketIn } from './unix-sockets.ts'

const table = (...paths: string[]) =>
  [
    'Num       RefCount Protocol Flags    Type St Inode Path',
    '0000000000000000: 00000003 00000000 00000000 0001 03 11111',
    ...paths.map(path => `0000000000000000: 00000002 00000000 00010000 0001 01 22222 ${path}`),
  ].join('\n')

test('a socket in the project, or in what it can read, is seen', () => {
  expect(hasSocketIn(table('/home/ada/app/tmp/dev server.sock'), ['/home/ada/app'])).toBe(true)
  expect(hasSocketIn(table('/run/docker.sock', '/opt/x.sock'), ['/home/ada/app', '/opt'])).toBe(true)
})

test('sockets elsewhere, without a place or without a name do not matter', () => {
  expect(hasSocketIn(table('/run/docker.sock', '@abstract', '/home/ada/app2/x'), ['/home/ada/app'])).toBe(
    false,
  )
  expect(hasSocketIn(table(), ['/home/ada/app'])).toBe(false)
})

test('one that is known by a relative name may lie anywhere', () => {
  expect(hasSocketIn(table('dev.sock'), ['/home/ada/app'])).toBe(true)
})

test('what no command sees does not matter, wherever it lies', () => {
  const folder = '/home/ada/app/data/sandbox'
  expect(hasSocketIn(table(`${folder}/net-x/proxy`), ['/home/ada/app'], [folder])).toBe(false)
  expect(hasSocketIn(table(`${folder}2/proxy`), ['/home/ada/app'], [folder])).toBe(true)
})
