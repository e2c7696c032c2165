// Looks at what a check is made of besides the project's own files: dependency folders, the programs it starts, Python's
// own folders, settings outside of the project. A process of its own, because there can be 200,000 files. Asked by the
// variable RETRAI_FINGERPRINT: without `base` it stores what it finds in `out`, with it it answers what is different.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, delimiter, dirname, join, relative, sep } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { compare } from './fingerprint-compare.mjs'

/**
 * @type {{ root: string, out?: string, base?: string, cache?: string, programs: string[], named: string[],
 *   npmPackages: string[], pythonModules: string[], homeFiles: string[], shadows: string[],
 *   maxFiles: number, maxBytes: number }}
 */
const ask = JSON.parse(process.env.RETRAI_FINGERPRINT ?? '{}')

function start() {
  const found = take(ask, read(ask.cache))
  write(ask.out, found)
  if (ask.cache) write(ask.cache, found)
  return { files: Object.keys(found.files).length, isPartial: found.isPartial }
}

/** What was asked at the start counts, not what would be asked now: package.json's scripts may have changed. */
function answer() {
  const base = read(ask.base)
  if (!base) return { error: 'what was there at the start is no longer known', isLost: true }
  return compare(base, take({ ...base.ask, root: ask.root }, base))
}

function read(file) {
  try {
    return file ? JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) : null
  } catch {
    return null // Not there, or not whole.
  }
}

/** Whole or not at all, and on the disk: a server that starts again has nothing else to compare with. */
function write(file, content) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${process.pid}`
  const target = openSync(temporary, 'w', 0o600)
  writeSync(target, gzipSync(JSON.stringify(content), { level: 1 }))
  fsyncSync(target)
  closeSync(target)
  renameSync(temporary, file)
  const folder = openSync(dirname(file), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

function take(ask, known) {
  const began = Date.now()
  const { root } = ask
  const found = {
    ask,
    /** path → [hash, size, mtime, ctime, inode, what only some files have] */
    files: {},
    /** Named like the tool, where Python would look first. */
    shadows: {},
    /** Outside of the project: read by the tool, whole or as a file of its own. */
    outside: {},
    programs: {},
    settings: {},
    isPartial: false,
  }
  let bytes = 0
  let count = 0
  let visited = 0

  function entryOf(path, stat, extra) {
    const key = keyOf(path)
    if (stat.isSymbolicLink()) {
      return [`link ${readlinkSync(path)}`, 0, 0, 0, 0, linkedVersion(path)]
    }
    const before = known?.files?.[key] ?? known?.outside?.[key] ?? known?.settings?.[key]
    const isKnown =
      before &&
      before[1] === stat.size &&
      before[2] === stat.mtimeMs &&
      before[3] === stat.ctimeMs &&
      before[4] === stat.ino &&
      // What changed just when it was read may have changed again within the same tick of the clock.
      before[3] < (known.began ?? 0) - 100
    if (isKnown) return before
    bytes += stat.size
    const content = stat.size > 64 * 1024 * 1024 ? null : readFileSync(path)
    const hash = content === null ? hashLarge(path) : hashOf(content, basename(path))
    const more = content === null ? undefined : extra?.(content)
    return [hash, stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, ...(more === undefined ? [] : [more])]
  }

  const keyOf = path => (path.startsWith(root + sep) ? relative(root, path) : path)

  function put(into, path, extra) {
    if (count >= ask.maxFiles || bytes >= ask.maxBytes) {
      found.isPartial = true
      return
    }
    try {
      const stat = lstatSync(path)
      if (!stat.isFile() && !stat.isSymbolicLink()) return
      count++
      into[keyOf(path)] = entryOf(path, stat, extra)
    } catch {
      // Gone meanwhile, or not readable: then it is not readable for the check either.
    }
  }

  /** Every folder of the project: dependency folders are read whole, of the others only names. */
  function walkProject(folder) {
    const entries = entriesOf(folder)
    const names = new Set(entries.map(entry => entry.name))
    for (const entry of entries) {
      if (++visited > ask.maxFiles) {
        found.isPartial = true
        return
      }
      const path = join(folder, entry.name)
      const isFolder =
        entry.isDirectory() || (entry.isSymbolicLink() && isDependencyName(entry.name) && leadsToFolder(path))
      if (isShadow(entry.name) && !names.has('__init__.py')) putShadow(path, isFolder)
      if (!isFolder || SKIPPED.has(entry.name)) continue
      if (isDependencyFolder(path, entry.name)) walkWhole(path)
      else if (entry.isDirectory()) walkProject(path)
    }
  }

  const isShadow = name =>
    ask.shadows.includes(name.replace(/\.(py|pyc|so)$|\..*\.so$/, '')) && !name.endsWith('.md')

  function putShadow(path, isFolder) {
    if (!isFolder) {
      if (/\.(py|pyc|so)$/.test(path)) put(found.shadows, path)
      return
    }
    for (const entry of entriesOf(path))
      if (/\.(py|pyc|so)$/.test(entry.name)) put(found.shadows, join(path, entry.name))
  }

  function walkWhole(folder) {
    const isModules = basename(folder) === 'node_modules'
    for (const entry of entriesOf(folder)) {
      if (found.isPartial || entry.name === '__pycache__') continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        // Caches and what generators leave; nothing resolves a package there.
        if (isModules && entry.name.startsWith('.') && !['.bin', '.pnpm', '.store'].includes(entry.name))
          continue
        walkWhole(path)
      } else if (!isModules || !entry.name.startsWith('.')) put(found.files, path, extraOf(path))
    }
  }

  walkProject(root)
  const interpreters = takePrograms(ask, found, path => {
    const stat = statSync(path)
    return entryOf(path, stat)
  })
  if (ask.pythonModules.length > 0) for (const site of sitesOf(interpreters, root)) walkSite(site)
  for (const path of settingsOf(ask)) put(found.settings, path, content => governingPart(path, content))

  /** Of Python's folders outside of the project: what is run at its start, the tool, and the plugins it loads by itself. */
  function walkSite(site) {
    for (const entry of entriesOf(site)) {
      const path = join(site, entry.name)
      const module = entry.name.replace(/\.(py|pyc)$|\..*\.so$/, '')
      if (/\.pth$|^(site|user)customize\.py$/.test(entry.name)) put(found.outside, path, extraOf(path))
      else if (entry.name.endsWith('.dist-info'))
        put(found.outside, join(path, 'entry_points.txt'), extraOf(join(path, 'entry_points.txt')))
      else if (ask.pythonModules.includes(module) || ask.shadows.includes(module)) {
        if (entry.isDirectory()) walkOutside(path)
        else put(found.outside, path)
      }
    }
  }

  function walkOutside(folder) {
    for (const entry of entriesOf(folder)) {
      if (entry.name === '__pycache__') continue
      if (entry.isDirectory()) walkOutside(join(folder, entry.name))
      else put(found.outside, join(folder, entry.name))
    }
  }

  return { ...found, began }
}

const SKIPPED = new Set([
  '.git',
  '__pycache__',
  '.next',
  '.pytest_cache',
  '.mypy_cache',
  '.ruff_cache',
  '.retrai',
  'target',
])

const isDependencyName = name => ['node_modules', '.venv', 'venv', 'env', 'vendor'].includes(name)

function isDependencyFolder(path, name) {
  if (name === 'node_modules') return true
  if (existsSync(join(path, 'pyvenv.cfg'))) return true
  return (
    name === 'vendor' &&
    ['composer/installed.json', 'modules.txt', 'bundle/ruby'].some(part => existsSync(join(path, part)))
  )
}

function leadsToFolder(path) {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

function entriesOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

function hashOf(content, name) {
  // It names the command that made it, which need not be the same when it is made again.
  const text =
    name === 'pyvenv.cfg'
      ? content.toString('utf8').replace(/^(command|prompt|uv|version_info|version)\s*=.*$/gm, '')
      : content
  return createHash('sha256').update(text).digest('base64url').slice(0, 30)
}

function hashLarge(path) {
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  try {
    const piece = Buffer.alloc(4 * 1024 * 1024)
    for (let size = readSync(file, piece); size > 0; size = readSync(file, piece))
      hash.update(piece.subarray(0, size))
  } finally {
    closeSync(file)
  }
  return hash.digest('base64url').slice(0, 30)
}

/** Where packages are links (pnpm), the version behind one. */
function linkedVersion(path) {
  if (!/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/.test(path)) return undefined
  try {
    return versionIn(readFileSync(join(path, 'package.json')))
  } catch {
    return undefined
  }
}

/** What has to be known of some files besides their content. */
function extraOf(path) {
  const name = basename(path)
  if (name === 'package.json') return content => content && versionIn(content)
  if (name === 'installed.json') return content => content && composerVersions(content)
  if (name === 'RECORD') return content => content && topLevels(content)
  if (name === 'entry_points.txt')
    return content =>
      content && /^\s*\[\s*pytest11\s*\]/m.test(content.toString('utf8')) ? 'pytest11' : undefined
  if (name.endsWith('.pth')) return content => content && pthKind(path, content.toString('utf8'))
  return undefined
}

function versionIn(content) {
  try {
    const { version } = JSON.parse(content.toString('utf8'))
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}

function composerVersions(content) {
  try {
    const parsed = JSON.parse(content.toString('utf8'))
    const list = Array.isArray(parsed) ? parsed : parsed.packages
    return Object.fromEntries(list.map(one => [one.name, String(one.version)]))
  } catch {
    return undefined
  }
}

const topLevels = content => [
  ...new Set(
    content
      .toString('utf8')
      .split('\n')
      .map(line => line.split(',')[0].split('/')[0])
      .filter(first => first && first !== '..' && !first.endsWith('.dist-info'))
      .map(first => first.replace(/\.py$/, '')),
  ),
]

/** `paths`: adds folders at the end of Python's search. `known`: what common tools leave. `code`: anything else. */
function pthKind(path, text) {
  const lines = text.split(/\r?\n/).filter(line => /^import[ \t]/.test(line))
  if (lines.length === 0) return 'paths'
  return lines.every(line => KNOWN_PTH.some(known => known.test(line)) || isEditable(path, line))
    ? 'known'
    : 'code'
}
const KNOWN_PTH = [
  /^import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os\.environ\.get\(var, '(local|stdlib)'\) == 'local'; enabled and __import__\('_distutils_hack'\)(\.add_shim\(\))?;\s*$/,
  /^import _virtualenv\s*$/,
]

/** What setuptools writes for `pip install -e`, and nothing that reaches for a test runner beside it. */
function isEditable(path, line) {
  const name = /^import (__editable__\w+_finder); \1\.install\(\)\s*$/.exec(line)?.[1]
  if (!name) return false
  try {
    const text = readFileSync(join(dirname(path), `${name}.py`), 'utf8')
    return !/pytest|unittest|builtins|AssertionError|\beval\b|\bexec\(|compile|base64|__import__|setattr|settrace/.test(
      text,
    )
  } catch {
    return false
  }
}

/** Of files that hold other things too, the part that tools read; null: all of it. */
function governingPart(path, content) {
  if (content === null) return undefined
  const text = content.toString('utf8')
  if (basename(path) === 'pyproject.toml' || basename(path) === 'setup.cfg' || basename(path) === 'tox.ini')
    return /^\s*\[(tool[.:]pytest|pytest)/m.test(text) ? 'governs' : 'other'
  if (basename(path) === 'package.json') return 'other'
  return 'governs'
}

/** Fills `programs`; answers with the Python interpreters among them. */
function takePrograms(ask, found, entryOf) {
  const interpreters = new Set()
  for (const name of new Set([...ask.programs, ...ask.named])) {
    const path = whereIs(name, ask.root)
    if (!path) {
      found.programs[name] = null
      continue
    }
    try {
      const real = realpathSync(path)
      const [hash, ...rest] = entryOf(real)
      found.programs[name] = { path, hash }
      found.outside[real] ??= [hash, ...rest]
      if (/^python[\d.]*$/.test(basename(name))) interpreters.add(path)
      else {
        const interpreter = shebangOf(real)
        if (interpreter && /python/.test(interpreter)) interpreters.add(interpreter)
      }
    } catch {
      found.programs[name] = null
    }
  }
  return interpreters
}

function whereIs(name, root) {
  if (name.includes('/')) {
    const path = name.startsWith('/') ? name : join(root, name)
    return existsSync(path) ? path : null
  }
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder || root, name)
    try {
      const stat = statSync(path)
      if (!stat.isFile() || !(stat.mode & 0o111)) continue
    } catch {
      continue
    }
    if (/\/shims\//.test(path)) {
      const behind = behindShim(path, name, root)
      if (behind === undefined) return path
      if (behind) return behind
      continue
    }
    return path
  }
  return null
}

/** pyenv and its kin stand before many programs and choose by the folder; null: none of that name. */
function behindShim(path, name, root) {
  const manager = /\/\.?(pyenv|rbenv)\/shims\//.exec(path)?.[1]
  if (!manager) return undefined
  const { status, stdout } = spawnSync(manager, ['which', name], {
    cwd: root,
    encoding: 'utf8',
    timeout: 10_000,
  })
  if (status !== 0) return null
  return stdout.trim() || null
}

function shebangOf(path) {
  const file = openSync(path, 'r')
  try {
    const piece = Buffer.alloc(300)
    const size = readSync(file, piece)
    const line = piece.subarray(0, size).toString('utf8').split('\n')[0]
    return /^#!\s*(\/\S+)/.exec(line)?.[1] ?? null
  } finally {
    closeSync(file)
  }
}

/** Folders in which the interpreters look for packages, and that lie outside of the project. */
function sitesOf(interpreters, root) {
  const sites = new Set((process.env.PYTHONPATH ?? '').split(delimiter).filter(Boolean))
  const ask =
    'import site, sys; print("\\n".join(site.getsitepackages() + [site.getusersitepackages()] + [p for p in sys.path if p.endswith(("python%d.%d" % sys.version_info[:2]))]))'
  for (const interpreter of interpreters) {
    const venv = dirname(dirname(interpreter))
    if (existsSync(join(venv, 'pyvenv.cfg')))
      for (const { name } of entriesOf(join(venv, 'lib'))) sites.add(join(venv, 'lib', name, 'site-packages'))
    // Nothing of the project, of the user or of any package runs for this.
    const { status, stdout } = spawnSync(interpreter, ['-I', '-S', '-c', ask], {
      cwd: '/',
      encoding: 'utf8',
      timeout: 10_000,
    })
    if (status === 0) for (const line of stdout.split('\n')) if (line.startsWith('/')) sites.add(line.trim())
  }
  return [...sites].filter(site => site !== root && !site.startsWith(root + sep))
}

function settingsOf({ root, homeFiles, npmPackages }) {
  const home = process.env.HOME
  const paths = home ? homeFiles.map(file => join(home, file)) : []
  for (let folder = dirname(root); ; folder = dirname(folder)) {
    for (const name of ABOVE) paths.push(join(folder, name))
    for (const name of npmPackages)
      if (!name.includes('*')) paths.push(join(folder, 'node_modules', name, 'package.json'))
    if (folder === dirname(folder)) return paths
  }
}
/** Read by runners in the folders above a project. */
const ABOVE = [
  'pytest.ini',
  '.pytest.ini',
  'conftest.py',
  'tox.ini',
  'setup.cfg',
  'pyproject.toml',
  '.python-version',
  '.npmrc',
  '.mocharc.js',
  '.mocharc.cjs',
  '.mocharc.json',
  '.mocharc.yaml',
  '.mocharc.yml',
  '.cargo/config.toml',
  '.cargo/config',
  'go.work',
]

try {
  console.log(JSON.stringify(ask.base ? answer() : start()))
} catch (error) {
  console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }))
}
