import { describe, expect, it } from 'vitest'
import { tempFolder } from '#lib/testing/temp-folder'
import { checkFileSystem } from './file-system.ts'
import { StartRefused } from './start-refused.ts'

async function check(type: number | undefined, allowNetwork = false) {
  const warnings: string[] = []
  const typeOf = type === undefined ? undefined : async () => type
  await checkFileSystem(tempFolder('fs'), {
    allowNetwork,
    log: (_, message) => warnings.push(message),
    ...(typeOf && { typeOf }),
  })
  return warnings
}

describe('a data directory', () => {
  it.each([
    ['NFS', 0x6969],
    ['SMB', 0x517b],
    ['CIFS', 0xff534d42],
    ['SMB2', 0xfe534d42],
    ['AFS', 0x5346414f],
    ['AFS', 0x6b414653],
    ['Coda', 0x73757245],
  ])('on %s is refused, unless the person insists', async (name, type) => {
    const refused = check(type)
    await expect(refused).rejects.toBeInstanceOf(StartRefused)
    await expect(refused).rejects.toThrow(`is on a network file system (${name})`)
    await expect(refused).rejects.toThrow('set RETRAI_ALLOW_NETWORK_FS=1')
    expect(await check(type, true)).toEqual([
      `the data directory is on ${name}; a local file system is safer`,
    ])
  })

  it.each([
    ['FUSE', 0x65735546],
    ['9p', 0x01021997],
    ['Ceph', 0x00c36400],
  ])('on %s is warned of', async (name, type) => {
    expect(await check(type)).toEqual([`the data directory is on ${name}; a local file system is safer`])
  })

  it('on ext4, and where these tests run, is taken without a word', async () => {
    expect(await check(0xef53)).toEqual([])
    expect(await check(undefined)).toEqual([])
  })
})
