// The environment a command gets: an allow-list, so that a secret nobody thought of stays out.
import { isAbsolute } from 'node:path'

const NAMES = new Set(
  [
    // The person and the place.
    'PATH HOME USER LOGNAME SHELL LANG LANGUAGE TERM TMPDIR TMP TEMP TZ CI',
    'XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME',
    // Where toolchains live. NODE_PATH stays out: it would give the project the server's own packages.
    'PYENV_ROOT PYENV_VERSION VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV CONDA_EXE PYTHONPATH PYTHONUNBUFFERED',
    'PYTHONDONTWRITEBYTECODE UV_CACHE_DIR PIP_CACHE_DIR POETRY_HOME PIPX_HOME',
    'NVM_DIR NVM_BIN VOLTA_HOME FNM_DIR FNM_MULTISHELL_PATH COREPACK_HOME PNPM_HOME BUN_INSTALL DENO_DIR',
    'PLAYWRIGHT_BROWSERS_PATH PUPPETEER_EXECUTABLE_PATH CHROME_BIN',
    'ASDF_DIR ASDF_DATA_DIR MISE_DATA_DIR SDKMAN_DIR HOMEBREW_PREFIX NIX_PATH NIX_PROFILES',
    'GOPATH GOROOT GOCACHE GOMODCACHE GOBIN CARGO_HOME CARGO_TARGET_DIR RUSTUP_HOME RUSTUP_TOOLCHAIN',
    'JAVA_HOME JDK_HOME MAVEN_HOME M2_HOME GRADLE_HOME GRADLE_USER_HOME ANDROID_HOME ANDROID_SDK_ROOT KOTLIN_HOME',
    'RBENV_ROOT RBENV_VERSION GEM_HOME GEM_PATH DOTNET_ROOT PHP_INI_SCAN_DIR COMPOSER_HOME',
    'LD_LIBRARY_PATH PKG_CONFIG_PATH CPATH LIBRARY_PATH CC CXX CUDA_HOME CUDA_PATH CUDA_VISIBLE_DEVICES',
    // Where psql finds passwords that stand in no command; what is in that file stays its owner's.
    'PGPASSFILE',
    // The network: how to get out, and whom to trust.
    'HTTP_PROXY HTTPS_PROXY FTP_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy ftp_proxy all_proxy no_proxy',
    'SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS NIX_SSL_CERT_FILE',
  ]
    .join(' ')
    .split(' '),
)

/** Marks a process as started by a command; a server running inside a command hands it on. */
export const MARKER_PREFIX = 'RETRAI_COMMAND_'
const PREFIXES = ['LC_', MARKER_PREFIX]

const SECRET_NAME = /KEY|TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL/i
const URL_WITH_PASSWORD = /:\/\/[^/@\s]*:[^/@\s]*@/
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The variables a command may have of ours, and those that keep programs from waiting for a person. */
export function childEnv(
  from: Record<string, string | undefined>,
  extra: Record<string, string> = {},
): Record<string, string> {
  const env: Record<string, string> = { TERM: 'dumb' }
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && isAllowed(name, value)) env[name] = value
  }
  env.PATH = pathWithoutOurs(from)
  return { ...env, NO_COLOR: '1', GIT_TERMINAL_PROMPT: '0', ...extra }
}

/** Where systems keep programs that no run can write to. */
const SYSTEM_FOLDERS = [
  ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  ...['/opt/homebrew/bin', '/run/current-system/sw/bin'],
]

/**
 * For programs of ours, which run outside of every sandbox: a PATH often leads into a project, by a virtual environment or by
 * ./node_modules/.bin, and then an agent would decide what `git` is.
 */
export function systemFirst(path: string, root: string): string {
  const entries = path.split(':').filter(entry => isAbsolute(entry))
  const others = entries.filter(
    entry => !SYSTEM_FOLDERS.includes(entry) && entry !== root && !entry.startsWith(`${root}/`),
  )
  return [...SYSTEM_FOLDERS.filter(folder => entries.includes(folder)), ...others].join(':')
}

function isAllowed(name: string, value: string): boolean {
  if (!NAMES.has(name) && !PREFIXES.some(prefix => name.startsWith(prefix))) return false
  // A proxy's address may carry its password.
  return !SECRET_NAME.test(name) && !URL_WITH_PASSWORD.test(value)
}

/** `npm start` puts the server's own node_modules/.bin first, where the project would find our tools instead of its own. */
function pathWithoutOurs(from: Record<string, string | undefined>): string {
  const entries = (from.PATH || DEFAULT_PATH).split(':')
  const startedByNpm = from.npm_execpath !== undefined || from.npm_lifecycle_event !== undefined
  const kept = startedByNpm
    ? entries.filter(entry => !/\/(node_modules\/\.bin|node-gyp-bin)\/?$/.test(entry))
    : entries
  return kept.join(':') || DEFAULT_PATH
}
