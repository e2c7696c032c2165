import { statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { startProgram } from '#lib/testing/program'
import { tempFolder } from '#lib/testing/temp-folder'
import { openInstance } from './instance.ts'

const hold = (dataDir: string, address = '') => startProgram('hold-instance', [dataDir, address])
const holding = (out: string) => out.includes('\n')

describe('a data directory', () => {
  it('takes one server; the second is told who the first is', async () => {
    const dataDir = tempFolder('instance')
    const first = hold(dataDir, 'http://127.0.0.1:8123')
    await first.until(holding)
    const second = hold(dataDir)
    expect(await second.exited).toBe(1)
    expect(second.output.err).toMatch(
      /^another retrai serve uses this data directory: http:\/\/127\.0\.0\.1:8123 \(process \d+, since \d{4}-\d\d-\d\d \d\d:\d\d UTC\); stop it, or use another --data-dir\n$/,
    )
    expect(second.output.err).toContain(`process ${first.pid}`)
    expect(statSync(path.join(dataDir, 'server.json')).mode & 0o777).toBe(0o600)
    // Whoever was refused has changed nothing for the one that runs.
    const third = hold(dataDir)
    await third.exited
    expect(third.output.err).toBe(second.output.err)
  })

  it('is free at the very moment its server was killed, and says that it died', {
    timeout: 60_000,
  }, async () => {
    const dataDir = tempFolder('instance')
    for (let kill = 0; kill < 5; kill += 1) {
      const server = hold(dataDir)
      await server.until(holding)
      expect(server.output.out).toBe(`holding ${kill === 0 ? 'none' : 'died'}\n`)
      await server.kill()
      const next = await openInstance(dataDir, '1.2.3')
      expect(next.previous).toBe('died')
      await next.close({ clean: false })
    }
  })
})

describe('how the last server ended', () => {
  const previousOf = async (dataDir: string, clean: boolean) => {
    const instance = await openInstance(dataDir, '1.2.3')
    await instance.close({ clean })
    return instance.previous
  }

  it('is kept: an orderly stop once, anything else until the next orderly stop', async () => {
    const dataDir = tempFolder('instance')
    const server = hold(dataDir)
    await server.until(holding)
    server.say('close')
    expect(await server.exited).toBe(0)
    expect(await previousOf(dataDir, false)).toBe('clean')
    expect(await previousOf(dataDir, false)).toBe('died')
    expect(await previousOf(dataDir, true)).toBe('died')
    expect(await previousOf(dataDir, true)).toBe('clean')
  })

  it('is none for a directory that never had one', async () => {
    expect(await previousOf(tempFolder('instance'), true)).toBe('none')
  })
})
