// The filter, run by a small interpreter of the part of BPF it is made of.
import { describe, expect, test } from 'vitest'
import { MACHINES, seccompFilter } from './seccomp.ts'

const ALLOW = 'allow'
const EPERM = 'errno 1'

/** What the kernel would do with a call, as it looks at 32 bits at a time. */
function verdict(program: Buffer, call: { arch: number; nr: number; args?: bigint[] }): string {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(call.nr >>> 0, 0)
  data.writeUInt32LE(call.arch >>> 0, 4)
  for (const [index, value] of (call.args ?? []).entries()) data.writeBigUInt64LE(value, 16 + 8 * index)
  let accumulator = 0
  for (let at = 0; ; at += 1) {
    const code = program.readUInt16LE(at * 8)
    const [ifTrue, ifFalse] = [program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3)]
    const value = program.readUInt32LE(at * 8 + 4)
    const jump = (holds: boolean) => {
      at += holds ? ifTrue : ifFalse
    }
    switch (code) {
      case 0x20:
        accumulator = data.readUInt32LE(value)
        break
      case 0x15:
        jump(accumulator === value)
        break
      case 0x35:
        jump(accumulator >= value)
        break
      case 0x45:
        jump((accumulator & value) !== 0)
        break
      case 0x06:
        if (value === 0x7fff0000) return ALLOW
        if (value === 0x80000000) return 'kill'
        return `errno ${value & 0xffff}`
      default:
        throw new Error(`no such instruction: ${code}`)
    }
  }
}

describe.each(['x64', 'arm64'])('on %s', name => {
  const { audit: arch, calls } = MACHINES[name]!
  const open = seccompFilter(name, { unixSockets: true })!
  const strict = seccompFilter(name, { unixSockets: false })!
  const call = (which: string, ...args: bigint[]) => ({ arch, nr: calls[which]!, args })

  test('what the kernel can be attacked by is refused, and nothing else is known by these numbers', () => {
    const special = ['socket', 'ioctl', 'clone', 'clone3']
    for (const which of Object.keys(calls).filter(one => !special.includes(one)))
      expect([which, verdict(open, call(which))]).toEqual([which, EPERM])
    expect(new Set(Object.values(calls)).size).toBe(Object.keys(calls).length)
  })

  test('every other call is allowed', () => {
    const listed = new Set(Object.values(calls))
    for (let nr = 0; nr < 500; nr += 1)
      if (!listed.has(nr)) expect([nr, verdict(strict, { arch, nr })]).toEqual([nr, ALLOW])
  })

  test('sockets are those of the internet and the system, and Unix ones only where they may be', () => {
    for (const family of [2n, 10n, 16n]) expect(verdict(strict, call('socket', family))).toBe(ALLOW)
    expect(verdict(open, call('socket', 1n))).toBe(ALLOW)
    expect(verdict(strict, call('socket', 1n))).toBe(EPERM)
    // The kernel looks at the lower half only: what stands in the upper one must not help.
    expect(verdict(strict, call('socket', 0x1_0000_0001n))).toBe(EPERM)
    // Bluetooth, a machine's host, cryptography, raw frames.
    for (const family of [31n, 40n, 38n, 17n]) expect(verdict(open, call('socket', family))).toBe('errno 97')
  })

  test('threads and children may be made, new namespaces not', () => {
    const thread = 0x3d0f00n
    expect(verdict(open, call('clone', thread))).toBe(ALLOW)
    expect(verdict(open, call('clone', 17n))).toBe(ALLOW)
    for (const bit of [17, 25, 26, 27, 28, 29, 30])
      expect(verdict(open, call('clone', 17n | (1n << BigInt(bit))))).toBe(EPERM)
    // As on a kernel without it: then clone is called.
    expect(verdict(open, call('clone3'))).toBe('errno 38')
  })

  test('nothing can be typed into a terminal', () => {
    expect(verdict(open, call('ioctl', 1n, 0x5412n))).toBe(EPERM)
    expect(verdict(open, call('ioctl', 1n, 0xffff_ffff_0000_5412n))).toBe(EPERM)
    expect(verdict(open, call('ioctl', 1n, 0x541cn))).toBe(EPERM)
    expect(verdict(open, call('ioctl', 1n, 0x5401n))).toBe(ALLOW)
  })

  test('calls of another machine end the program', () => {
    expect(verdict(open, { arch: 0x40000003, nr: 1 })).toBe('kill')
  })
})

test('the second numbering of the same machine is refused', () => {
  const { audit: arch } = MACHINES.x64!
  const filter = seccompFilter('x64', { unixSockets: true })!
  expect(verdict(filter, { arch, nr: 0x40000000 + 101 })).toBe(EPERM)
  expect(verdict(filter, { arch, nr: 0x40000000 })).toBe(EPERM)
})

test('for a machine nobody made a table for there is no filter', () => {
  expect(seccompFilter('riscv64', { unixSockets: true })).toBeNull()
})
