// Which places of this machine commands need to see: the system's programs, and the toolchains that people keep in their
// home. What is not found here is not there for a command.
import { access, constants, lstat, readlink, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { contains } from './bwrap-args.ts'

/** Programs, libraries and settings that every user of the system may read. */
const SYSTEM = [
  ...[
    '/usr',
    '/bin',
    '/sbin',
    '/lib',
    '/lib32',
    '/lib64',
    '/libx32',
    '/etc',
    '/opt',
    '/nix',
    '/gnu',
    '/snap',
  ],
  ...['/run/current-system', '/run/opengl-driver', '/sys/devices/system', '/sys/fs/cgroup', '/sys/kernel/mm'],
  ...['/var/lib/dpkg', '/var/lib/ca-certificates', '/var/cache/fontconfig', '/var/lib/alternatives'],
]

/** Read-only for everybody is not read by everybody: a server that runs as root could read these. */
const SECRET_FILES = [
  ...['/etc/shadow', '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-', '/etc/sudoers', '/etc/krb5.keytab'],
  ...[
    '/etc/environment',
    '/etc/security/opasswd',
    '/etc/ssh/ssh_host_rsa_key',
    '/etc/ssh/ssh_host_ecdsa_key',
  ],
  '/etc/ssh/ssh_host_ed25519_key',
]
const SECRET_FOLDERS = [
  '/etc/ssl/private',
  '/etc/sudoers.d',
  '/etc/kubernetes',
  '/etc/wireguard',
  '/etc/NetworkManager',
]

/** Of home, what toolchains put there. */
export const TOOLCHAINS = [
  ...[
    '.pyenv',
    '.nvm',
    '.rustup',
    '.volta',
    '.fnm',
    '.bun',
    '.deno',
    '.asdf',
    '.rbenv',
    '.rvm',
    '.sdkman',
    '.jabba',
  ],
  ...[
    '.dotnet',
    '.ghcup',
    '.opam',
    '.elan',
    '.juliaup',
    '.julia',
    '.nodenv',
    '.goenv',
    '.jenv',
    '.phpenv',
    '.swiftly',
  ],
  ...[
    'miniconda3',
    'anaconda3',
    'miniforge3',
    'mambaforge',
    '.nix-profile',
    '.foundry',
    'n',
    'sdk',
    'go/bin',
  ],
  ...[
    '.cargo/bin',
    '.cargo/env',
    '.cargo/config.toml',
    '.local/bin',
    '.local/lib',
    '.local/include',
    '.gem/ruby',
  ],
  ...['.local/share/uv', '.local/share/mise', '.local/share/fnm', '.local/share/pnpm', '.local/share/pipx'],
  ...[
    '.local/share/rtx',
    '.local/share/virtualenvs',
    '.local/share/nvm',
    '.local/share/gem',
    '.local/share/rustup',
  ],
  ...['.local/pipx', '.local/state/fnm_multishells', '.config/nvm', '.yarn/bin', '.poetry', '.m2/wrapper'],
  ...['.gradle/wrapper', '.gradle/jdks', '.rye', '.pixi/bin', '.pixi/envs'],
]

/** What was downloaded for building: read where the project has none of its own yet. */
const DOWNLOADS = [
  ...['.cargo/registry', '.cargo/git', 'go/pkg', '.m2/repository', '.nuget/packages', '.ivy2'],
  ...[
    '.cache/ms-playwright',
    '.cache/puppeteer',
    '.cache/uv',
    '.cache/pypoetry',
    '.cache/Cypress',
    '.cache/torch',
  ],
]

/** Written through to a folder of the project's own, so that builds need not begin anew with every command. */
export const CACHES = [
  '.cache',
  '.npm',
  '.cargo/registry',
  '.cargo/git',
  'go/pkg',
  '.m2/repository',
  '.gradle',
]

/** Variables that name the folder of a toolchain. */
const FOLDERS = [
  'PYENV_ROOT NVM_DIR NVM_BIN VOLTA_HOME FNM_DIR FNM_MULTISHELL_PATH COREPACK_HOME PNPM_HOME BUN_INSTALL VIRTUAL_ENV',
  'CONDA_PREFIX POETRY_HOME PIPX_HOME PLAYWRIGHT_BROWSERS_PATH ASDF_DIR ASDF_DATA_DIR MISE_DATA_DIR SDKMAN_DIR GOROOT',
  'HOMEBREW_PREFIX RUSTUP_HOME JAVA_HOME JDK_HOME MAVEN_HOME M2_HOME GRADLE_HOME ANDROID_HOME ANDROID_SDK_ROOT',
  'KOTLIN_HOME RBENV_ROOT GEM_HOME DOTNET_ROOT CUDA_HOME CUDA_PATH',
]
  .join(' ')
  .split(' ')
const SEARCH_PATHS = ['PYTHONPATH', 'LD_LIBRARY_PATH', 'GEM_PATH', 'GOPATH']
const FILES = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'CHROME_BIN']

/** Who runs a command, where that is not the server's own user. */
export interface Owner {
  uid: number
  gid: number
}

export interface Places {
  readOnly: string[]
  links: { path: string; target: string }[]
  hiddenFiles: string[]
  hiddenFolders: string[]
}

export interface PlacesOptions {
  /** As commands get it. */
  env: Record<string, string | undefined>
  home: string
  /** Further places that commands may read. */
  extra: string[]
  owner: Owner | null
  /** What there is on this kind of machine; default: on Linux. */
  machine?: { system: string[]; toolchains: string[] }
}

const LINUX = { system: SYSTEM, toolchains: TOOLCHAINS }

export async function findPlaces(options: PlacesOptions): Promise<Places> {
  const { env, home, extra, owner, machine = LINUX } = options
  const links: Places['links'] = []
  const readOnly: string[] = []
  for (const path of machine.system) {
    const target = await readlink(path).catch(() => null)
    if (target !== null) links.push({ path, target })
    else if (await exists(path)) readOnly.push(path)
  }
  const isVisible = (path: string) => readOnly.some(place => contains(place, path))
  /** Never a home itself, what contains it, or half the machine. */
  const isToolchain = (path: string) =>
    path !== '/' && !contains(path, home) && dirname(path) !== '/' && !/^\/(proc|dev|sys)\//.test(path)

  const found = [
    ...machine.toolchains.map(name => join(home, name)),
    ...FOLDERS.map(name => env[name]),
    ...SEARCH_PATHS.flatMap(name => env[name]?.split(':')),
    ...FILES.map(name => env[name]),
    ...(await Promise.all((env.PATH ?? '').split(':').map(prefixOf))),
    await prefixOf(dirname(process.execPath)),
  ]
  for (const path of found) {
    if (!path?.startsWith('/')) continue
    // Also the link by which it is called: it points at what is mounted.
    for (const place of [resolve(path), await realpath(path).catch(() => resolve(path))]) {
      if (!isToolchain(place) || isVisible(place)) continue
      if ((await isReal(place)) && (await mayReach(place, owner))) readOnly.push(place)
    }
  }
  for (const path of extra) if ((await exists(path)) && !isVisible(path)) readOnly.push(await realpath(path))
  // Any other user may not read these anyway.
  const isRoot = (owner?.uid ?? process.getuid?.()) === 0
  const credentials = CREDENTIALS.map(name => join(home, name))
  return {
    readOnly,
    links,
    hiddenFiles: await existing([...(isRoot ? SECRET_FILES : []), ...credentials], isVisible),
    hiddenFolders: await existing(isRoot ? SECRET_FOLDERS : [], isVisible),
  }
}

/** What toolchains keep beside their programs. */
const CREDENTIALS = ['.cargo/credentials', '.cargo/credentials.toml', '.gem/credentials', '.m2/settings.xml']

/** Downloads of this home that the project may read. */
export async function findDownloads(home: string, owner: Owner | null): Promise<string[]> {
  const found: string[] = []
  for (const name of DOWNLOADS) {
    const path = join(home, name)
    if ((await isReal(path)) && (await mayReach(path, owner))) found.push(path)
  }
  return found
}

/** A folder of programs comes with what they need, where it is laid out as usual: lib beside bin. */
async function prefixOf(entry: string): Promise<string> {
  if (!/\/(bin|sbin|shims)\/?$/.test(entry)) return entry
  const prefix = dirname(entry)
  for (const name of ['lib', 'libexec', 'versions', 'share']) {
    // Not of a whole home: ~/.local has a share with everything in it.
    if (!prefix.endsWith('/.local') && (await exists(join(prefix, name)))) return prefix
  }
  return entry
}

async function existing(paths: string[], isVisible: (path: string) => boolean): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) if (isVisible(path) && (await isReal(path))) found.push(path)
  return found
}

export const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

/** There, and no link: what a link points at is another place. */
const isReal = (path: string) =>
  lstat(path).then(
    found => !found.isSymbolicLink(),
    () => false,
  )

/** Whether a user other than ours gets there: bubblewrap runs as that user. */
export async function mayReach(path: string, owner: Owner | null): Promise<boolean> {
  if (!owner) {
    return access(path, constants.R_OK).then(
      () => true,
      () => false,
    )
  }
  for (let place = path; place !== '/'; place = dirname(place)) {
    const { mode, uid, gid } = await stat(place)
    const shift = uid === owner.uid ? 6 : gid === owner.gid ? 3 : 0
    if (((mode >> shift) & 1) === 0 && place !== path) return false
    if (place === path && ((mode >> shift) & 4) === 0) return false
  }
  return true
}
