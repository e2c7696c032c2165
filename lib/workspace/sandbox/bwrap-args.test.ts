import { expect, test } from 'vitest'
import { bwrapArgs, contains, type SandboxView } from './bwrap-args.ts'

const VIEW: SandboxView = {
  project: '/home/ada/work/app',
  cwd: '/home/ada/work/app',
  home: '/home/ada',
  dataDir: '/home/ada/.local/share/retrai',
  scratch: ['/tmp'],
  readOnly: ['/usr', '/home/ada/.pyenv'],
  links: [{ path: '/bin', target: 'usr/bin' }],
  hiddenFiles: ['/usr/secret'],
  hiddenFolders: [],
  kept: ['/home/ada/work/app/.git'],
  caches: [{ path: '/home/ada/.cache', from: '/home/ada/.local/share/retrai/caches/x' }],
  shown: [],
  network: false,
  hostname: 'retrai-test',
  disableUserns: true,
  sizes: true,
}

/** What is mounted where, in order. */
function mounts(view: Partial<SandboxView> = {}): string[] {
  const args = bwrapArgs({ ...VIEW, ...view })
  return args.flatMap((arg, index) => {
    if (arg === '--tmpfs') return [`tmpfs ${args[index + 1]}`]
    if (arg === '--bind' || arg === '--ro-bind') return [`${arg.slice(2)} ${args[index + 2]}`]
    return []
  })
}

test('every place is mounted before what lies in it', () => {
  const places = mounts().map(line => line.split(' ')[1]!)
  for (const [index, place] of places.entries())
    for (const earlier of places.slice(0, index)) expect(contains(place, earlier)).toBe(false)
})

test('the project alone is written, but not its repository; home is empty but for toolchains', () => {
  expect(mounts().filter(line => line.startsWith('bind'))).toEqual([
    'bind /home/ada/.cache',
    'bind /home/ada/work/app',
  ])
  expect(mounts()).toContain('tmpfs /home/ada')
  expect(mounts()).toContain('ro-bind /home/ada/.pyenv')
  expect(mounts().at(-1)).toBe('ro-bind /home/ada/work/app/.git')
})

test('the data directory is hidden wherever it lies: in the project, around it, in what can be read', () => {
  const inside = mounts({ dataDir: '/home/ada/work/app/data' })
  expect(inside.indexOf('tmpfs /home/ada/work/app/data')).toBeGreaterThan(
    inside.indexOf('bind /home/ada/work/app'),
  )
  const around = mounts({ dataDir: '/home/ada/work' })
  expect(around.indexOf('tmpfs /home/ada/work')).toBeLessThan(around.indexOf('bind /home/ada/work/app'))
  const readable = mounts({ dataDir: '/usr/data' })
  expect(readable.indexOf('tmpfs /usr/data')).toBeGreaterThan(readable.indexOf('ro-bind /usr'))
})

test('a project that is the home itself stays what it is, and toolchains in it can be written', () => {
  const lines = mounts({ project: '/home/ada', cwd: '/home/ada', kept: [] })
  expect(lines).toContain('bind /home/ada')
  expect(lines).not.toContain('tmpfs /home/ada')
  expect(lines).not.toContain('ro-bind /home/ada/.pyenv')
})

test('a toolchain in the project is not made read-only', () => {
  expect(mounts({ readOnly: ['/usr', '/home/ada/work/app/.venv'] })).not.toContain(
    'ro-bind /home/ada/work/app/.venv',
  )
})

test('the network is there only when it is asked for', () => {
  expect(bwrapArgs(VIEW)).toContain('--unshare-net')
  expect(bwrapArgs({ ...VIEW, network: true })).not.toContain('--unshare-net')
})

test('a folder of the server is shown read-only, over what hides its place', () => {
  const lines = mounts({
    scratch: ['/tmp', '/run'],
    shown: [{ path: '/run/retrai', from: '/home/ada/.local/share/retrai/sandbox/net-x' }],
  })
  expect(lines.indexOf('ro-bind /run/retrai')).toBeGreaterThan(lines.indexOf('tmpfs /run'))
})

test('what holds whatever is asked for', () => {
  for (const network of [true, false]) {
    const args = bwrapArgs({ ...VIEW, network }).join(' ')
    for (const part of [
      '--unshare-user',
      '--unshare-pid',
      '--die-with-parent',
      '--new-session',
      '--cap-drop ALL',
    ])
      expect(args).toContain(part)
    expect(args).toMatch(/--remount-ro \/dev --remount-ro \/ --chdir \S+$/)
  }
})

test('an older bubblewrap is not asked for what it does not know', () => {
  const args = bwrapArgs({ ...VIEW, disableUserns: false, sizes: false })
  expect(args).not.toContain('--disable-userns')
  expect(args).not.toContain('--size')
})
