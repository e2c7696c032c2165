// The rules are read and judged here by a small model of Seatbelt: of two that fit, the later counts. Whether macOS agrees is for the
// assertions that a server makes at its start.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contains } from './bwrap-args.ts'
import { type SeatbeltView, seatbeltArgs, seatbeltProfile } from './seatbelt-profile.ts'

type Expression = string | Expression[]

/** What stands in quotes keeps one, so that no name can be taken for a word. */
function read(text: string): Expression[] {
  const tokens = text.match(/;[^\n]*|#?"(?:\\.|[^"\\])*"|[()]|[^\s()"]+/g) ?? []
  const rest = tokens.filter(token => !token.startsWith(';'))
  expect(rest.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/;[^\n]*/g, '').replaceAll(/\s/g, ''))
  const stack: Expression[][] = [[]]
  for (const token of rest) {
    if (token === '(') stack.push([])
    else if (token === ')') {
      const ended = stack.pop()
      expect(stack.length).toBeGreaterThan(0)
      stack.at(-1)?.push(ended ?? [])
    } else stack.at(-1)?.push(token)
  }
  expect(stack).toHaveLength(1)
  return stack[0] ?? []
}

const VIEW: SeatbeltView = {
  project: '/Users/ada/work/app',
  home: '/Users/ada',
  dataDir: '/Users/ada/.local/share/retrai',
  readOnly: ['/usr', '/bin', '/System', '/System/Volumes/Preboot/Cryptexes', '/Users/ada/.pyenv', '/opt'],
  hidden: ['/System/Volumes', '/Library/Keychains', '/opt/homebrew/var'],
  kept: ['/Users/ada/work/app/.git', '/Users/ada/work/app/.retrai.yml'],
  written: ['/Users/ada/.local/share/retrai/caches/x/.cache'],
  scratch: '/private/var/folders/ab/T/rb-1a-xyz123',
  temporary: ['/private/var/folders/ab/T/rt-0011'],
  network: false,
}

const text = (quoted: Expression | undefined) =>
  typeof quoted === 'string' ? quoted.replace(/^#?"|"$/g, '') : ''

/** Whether something may be done, by the last rule that fits. */
function judge(view: SeatbeltView) {
  const { profile, params } = seatbeltProfile(view)
  const rules = read(profile)
  const wordOf = (expression: Expression | undefined) =>
    Array.isArray(expression) && expression[0] === 'param'
      ? (params[text(expression[1])] ?? '')
      : text(expression)
  const covers = (pattern: string, operation: string) =>
    pattern === operation ||
    pattern === 'default' ||
    (pattern.endsWith('*') && operation.startsWith(pattern.slice(0, -1)))
  const fits = (filter: Expression, target: string): boolean => {
    if (!Array.isArray(filter)) return false
    const [kind, ...args] = filter
    const value = wordOf(args[0])
    if (kind === 'literal') return value === target
    if (kind === 'subpath') return contains(value, target)
    if (kind === 'path-ancestors') return target !== value && contains(target, value)
    if (kind === 'global-name') return `service ${value}` === target
    if (kind === 'remote' || kind === 'local') {
      if (args[0] === 'ip') return target.startsWith('ip ') && text(args[1]) === '*:*'
      return target.startsWith('socket ') && fits(args[1] ?? [], target.slice('socket '.length))
    }
    return false
  }
  return (operation: string, target = ''): boolean => {
    let isAllowed = false
    for (const rule of rules) {
      if (!Array.isArray(rule) || (rule[0] !== 'allow' && rule[0] !== 'deny')) continue
      const operations = rule.slice(1).filter(part => typeof part === 'string')
      const filters = rule.slice(1).filter(Array.isArray)
      if (!operations.some(pattern => covers(pattern, operation))) continue
      if (filters.length === 0 || filters.some(filter => fits(filter, target)))
        isAllowed = rule[0] === 'allow'
    }
    return isAllowed
  }
}

describe('the profile', () => {
  const may = judge(VIEW)
  const reads = (path: string) => may('file-read-data', path)
  const writes = (path: string) => may('file-write-create', path) && may('file-write-data', path)

  test('begins with a denial of everything, and is whole', () => {
    expect(read(seatbeltProfile(VIEW).profile).slice(0, 2)).toEqual([
      ['version', '1'],
      ['deny', 'default'],
    ])
  })

  test('lets the project be written, and its own folders, and nothing else', () => {
    for (const folder of [VIEW.project, ...VIEW.written, VIEW.scratch, ...VIEW.temporary])
      expect([folder, writes(`${folder}/a/b`), reads(`${folder}/a/b`)]).toEqual([folder, true, true])
    for (const path of [
      '/usr/x',
      '/tmp/x',
      '/private/tmp/x',
      '/Users/ada/x',
      '/Users/ada/work/x',
      '/x',
      '/etc/x',
    ])
      expect([path, writes(path), may('file-write-mode', path)]).toEqual([path, false, false])
    // As neighbours that begin with the same letters.
    expect(writes('/Users/ada/work/app2/x')).toBe(false)
  })

  test('keeps the repository and the settings as they are, to be read', () => {
    for (const path of ['.git', '.git/config', '.git/hooks/post-commit', '.retrai.yml']) {
      const whole = `${VIEW.project}/${path}`
      expect([path, writes(whole), may('file-write-unlink', whole), reads(whole)]).toEqual([
        ...[path, false, false],
        true,
      ])
    }
    expect(writes(`${VIEW.project}/.gitignore`)).toBe(true)
  })

  test('shows of the home only toolchains, and of the way to them only that it is there', () => {
    expect(reads('/Users/ada/.pyenv/bin/python')).toBe(true)
    for (const path of [
      '/Users/ada/.ssh/id_ed25519',
      '/Users/ada',
      '/Users',
      '/Users/bob/.ssh/id',
      '/Volumes/x',
    ])
      expect([path, reads(path)]).toEqual([path, false])
    expect(may('file-read-metadata', '/Users/ada/work')).toBe(true)
    expect(may('file-read-metadata', '/Users/ada/.ssh')).toBe(false)
    expect(may('file-read-metadata', '/Users/ada/.ssh/id_ed25519')).toBe(false)
  })

  test('hides key chains, databases, and the disk by its other name', () => {
    for (const path of [
      ...['/Library/Keychains/System.keychain', '/opt/homebrew/var/postgres/1', '/Library/Preferences/x'],
      ...['/System/Volumes/Data/Users/ada/.ssh/id', '/private/tmp/x', '/private/var/folders/ab/T/other'],
    ])
      expect([path, reads(path)]).toEqual([path, false])
    expect(reads('/System/Volumes/Preboot/Cryptexes/OS/System/Library/dyld/x')).toBe(true)
    expect(reads('/opt/homebrew/bin/git')).toBe(true)
  })

  test('leaves the roots of what it allows where they are, and what is kept in them', () => {
    for (const path of [VIEW.project, VIEW.scratch, ...VIEW.written, '/Users/ada/work'])
      expect([path, may('file-write-unlink', path)]).toEqual([path, false])
    expect(may('file-write-unlink', `${VIEW.project}/src`)).toBe(true)
    // Made and removed by the command.
    expect(may('file-write-unlink', VIEW.temporary[0])).toBe(true)
  })

  test('gives no file a second name, and no program more rights than it has', () => {
    expect(may('file-link', `${VIEW.project}/x`)).toBe(false)
    expect(may('file-write-setugid', `${VIEW.project}/x`)).toBe(false)
    expect(may('file-clone', `${VIEW.project}/x`)).toBe(true)
    expect(may('file-clone', `${VIEW.project}/.git/x`)).toBe(false)
    expect(may('file-clone', '/Users/ada/.ssh/id')).toBe(false)
  })

  const withNetwork = judge({ ...VIEW, network: true })

  test('leads to no service that starts programs, keeps secrets or knows the screen', () => {
    for (const name of [
      ...[
        'com.apple.coreservices.launchservicesd',
        'com.apple.lsd.mapdb',
        'com.apple.coreservices.appleevents',
      ],
      ...[
        'com.apple.pasteboard.1',
        'com.apple.SecurityServer',
        'com.apple.securityd.xpc',
        'com.apple.xpc.launchd',
      ],
      ...[
        'com.apple.windowserver.active',
        'com.apple.cfprefsd.agent',
        'com.apple.FSEvents',
        'com.apple.tccd',
      ],
    ])
      for (const judged of [may, withNetwork])
        expect([name, judged('mach-lookup', `service ${name}`)]).toEqual([name, false])
    expect(may('mach-lookup', 'service com.apple.bsd.dirhelper')).toBe(true)
    for (const operation of [
      'appleevent-send',
      'job-creation',
      'mach-register',
      'iokit-open',
      'file-mount',
      'ipc-sysv-shm',
    ])
      expect([operation, may(operation)]).toEqual([operation, false])
  })

  test('has no terminal of the person, and the usual devices', () => {
    for (const device of ['/dev/tty', '/dev/ttys000', '/dev/disk0', '/dev/bpf0'])
      expect([device, reads(device), may('file-write-data', device)]).toEqual([device, false, false])
    expect(may('file-write-data', '/dev/null')).toBe(true)
    expect(reads('/dev/urandom')).toBe(true)
  })
})

describe('the network', () => {
  const outbound = (network: boolean, target: string) =>
    judge({ ...VIEW, network })('network-outbound', target)

  test('is off, loopback too, unless the run has it', () => {
    expect(outbound(false, 'ip 127.0.0.1:5432')).toBe(false)
    expect(outbound(false, 'ip 192.0.2.1:443')).toBe(false)
    expect(judge(VIEW)('network-bind', 'ip 127.0.0.1:3000')).toBe(false)
    expect(outbound(true, 'ip 192.0.2.1:443')).toBe(true)
    expect(seatbeltProfile(VIEW).profile).toContain('(deny network*)')
  })

  test('with or without it, only sockets in folders of the command itself', () => {
    for (const network of [false, true]) {
      expect(outbound(network, `socket ${VIEW.scratch}/tsx.pipe`)).toBe(true)
      for (const path of [
        '/private/var/run/docker.sock',
        '/private/tmp/com.apple.launchd.x/Listeners',
        `${VIEW.project}/x.sock`,
      ])
        expect([path, outbound(network, `socket ${path}`)]).toEqual([path, false])
    }
  })

  test('brings the services that resolve names, which otherwise would lead out', () => {
    const resolves = (network: boolean) =>
      judge({ ...VIEW, network })('mach-lookup', 'service com.apple.dnssd.service')
    expect([resolves(false), resolves(true)]).toEqual([false, true])
    expect([false, true].map(network => outbound(network, 'socket /private/var/run/mDNSResponder'))).toEqual([
      false,
      true,
    ])
  })
})

describe('wherever things lie', () => {
  test('the data directory is hidden in the project, around it, and in what can be read', () => {
    const inside = judge({ ...VIEW, dataDir: `${VIEW.project}/data`, written: [] })
    expect(inside('file-read-data', `${VIEW.project}/data/retrai.db`)).toBe(false)
    expect(inside('file-write-create', `${VIEW.project}/data/x`)).toBe(false)
    expect(inside('file-write-unlink', `${VIEW.project}/data`)).toBe(false)
    const around = judge({ ...VIEW, dataDir: '/Users/ada/work', written: [] })
    expect(around('file-write-create', `${VIEW.project}/x`)).toBe(true)
    expect(around('file-read-data', '/Users/ada/work/token')).toBe(false)
    expect(judge({ ...VIEW, dataDir: '/opt/data' })('file-read-data', '/opt/data/token')).toBe(false)
  })

  test('a project that is the home itself is written, its key chains are hidden', () => {
    const may = judge({ ...VIEW, project: '/Users/ada', kept: [], hidden: ['/Users/ada/Library/Keychains'] })
    expect(may('file-write-create', '/Users/ada/x')).toBe(true)
    expect(may('file-read-data', '/Users/ada/Library/Keychains/login.keychain-db')).toBe(false)
  })
})

describe('names of places', () => {
  const HOSTILE = [
    ...[
      'quote"',
      "single'",
      'back\\slash',
      'par)en(',
      '") (allow default) ("',
      'semi;colon',
      'hash#"',
      'new\nline',
    ],
    ...['(param "P0")', 'equals=sign', '$(touch x)', '`x`', '雪 ☃ é', '-p', '%n', '*', '[a-z]', '.*'],
  ]

  test('stand beside the profile, which is the same whatever they are', () => {
    const plain = seatbeltProfile(VIEW)
    for (const name of HOSTILE) {
      const swap = (path: string) => path.replace('/Users/ada', `/Users/${name}`)
      const { profile, params } = seatbeltProfile({
        ...VIEW,
        ...{ project: swap(VIEW.project), home: swap(VIEW.home), dataDir: swap(VIEW.dataDir) },
        ...{ kept: VIEW.kept.map(swap), readOnly: VIEW.readOnly.map(swap), written: VIEW.written.map(swap) },
      })
      expect(profile).toBe(plain.profile)
      expect(Object.values(params)).toContain(swap(VIEW.project))
      expect(seatbeltArgs({ profile, params })).toContain(`P0=${params.P0}`)
    }
  })

  test('are parameters, each that the rules name and no other', () => {
    const { profile, params } = seatbeltProfile(VIEW)
    const named = new Set([...profile.matchAll(/\(param "([^"]*)"\)/g)].map(([, name]) => name))
    expect(named).toEqual(new Set(Object.keys(params)))
    expect(Object.keys(params).every(name => /^P\d+$/.test(name))).toBe(true)
    for (const path of Object.values(params).filter(value => value.length > 12))
      expect(profile).not.toContain(path)
  })

  test('of any characters never change which rules there are', () => {
    const { profile } = seatbeltProfile(VIEW)
    const name = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .map(text => text.replaceAll('/', '_'))
    fc.assert(
      fc.property(name, odd => {
        const project = `/Users/ada/work/${odd}`
        return (
          seatbeltProfile({ ...VIEW, project, kept: [`${project}/.git`, `${project}/.retrai.yml`] })
            .profile === profile
        )
      }),
      { numRuns: 50 },
    )
  })

  test('come before the command, after which nothing is an option', () => {
    const args = seatbeltArgs({ profile: '(version 1)', params: { P0: '/a b', P1: '/c=d' } })
    expect(args).toEqual(['-p', '(version 1)', '-D', 'P0=/a b', '-D', 'P1=/c=d', '--'])
  })
})
