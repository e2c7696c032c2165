// What is different between two fingerprints, put together by package, so that an upgrade of everything stays short.
import { basename, dirname } from 'node:path'

const MOST = 200

/** @typedef {{ kind: string, path: string, name?: string, before?: string | null, now?: string | null }} Finding */

/** @returns {{ findings: Finding[], isPartial: boolean }} */
export function compare(base, now) {
  const findings = [
    ...programs(base, now),
    ...settings(base, now),
    ...outside(base, now),
    ...shadows(base, now),
    ...packages(base, now),
    ...links(base, now),
    ...additions(base, now),
  ]
  return { findings: findings.slice(0, MOST), isPartial: base.isPartial || now.isPartial }
}

const isSame = (a, b) => a?.[0] === b?.[0]

function* programs(base, now) {
  for (const [name, before] of Object.entries(base.programs)) {
    const after = now.programs[name]
    const isNamed = base.ask.named.includes(name)
    if (!before && !(after && isNamed)) continue
    if (before?.hash === after?.hash && before?.path === after?.path) continue
    // In a dependency folder the package's version decides.
    if (before && after && before.path === after.path && before.path.startsWith(`${base.ask.root}/`)) continue
    yield {
      kind: 'program',
      path: after?.path ?? before.path,
      name,
      before: before?.path ?? null,
      now: after?.path ?? null,
    }
  }
}

function* settings(base, now) {
  for (const path of new Set([...Object.keys(base.settings), ...Object.keys(now.settings)])) {
    const [before, after] = [base.settings[path], now.settings[path]]
    if (isSame(before, after)) continue
    if (
      (before?.[5] ?? 'other') === 'other' &&
      (after?.[5] ?? 'other') === 'other' &&
      !path.endsWith('package.json')
    )
      continue
    yield { kind: 'setting', path }
  }
}

function* outside(base, now) {
  const ofPrograms = new Set(
    Object.values({ ...base.programs, ...now.programs }).flatMap(found => found?.path ?? []),
  )
  for (const path of new Set([...Object.keys(base.outside), ...Object.keys(now.outside)])) {
    const [before, after] = [base.outside[path], now.outside[path]]
    if (isSame(before, after) || ofPrograms.has(path)) continue
    if (!after) {
      if (path.endsWith('.pth') || basename(path) === 'entry_points.txt') continue
      yield { kind: 'tool', path }
    } else if (path.endsWith('.pth')) {
      if (after[5] === 'code') yield { kind: 'startup', path }
    } else if (basename(path) === 'entry_points.txt') {
      if (after[5] === 'pytest11') yield { kind: 'plugin', path }
    } else if (isProgram(base, now, path)) continue
    else yield { kind: before ? 'tool' : 'shadow', path }
  }
}

/** Programs are compared by their name. */
const isProgram = (base, now, path) => {
  const hash = (now.outside[path] ?? base.outside[path])?.[0]
  return Object.values({ ...base.programs, ...now.programs }).some(found => found?.hash === hash)
}

function* shadows(base, now) {
  for (const [path, after] of Object.entries(now.shadows))
    if (!isSame(base.shadows[path], after)) yield { kind: 'shadow', path }
}

/** Changed, missing and added files of packages that were there at the start. */
function* packages(base, now) {
  const [versionBefore, versionNow] = [versionsOf(base), versionsOf(now)]
  const known = new Set(Object.keys(base.files).map(path => packageOf(path)?.key))
  const seen = new Map()
  const note = (path, kind) => {
    const found = packageOf(path)
    if (!found) return
    const { key, name } = found
    // A package that is gone as a whole cannot be used.
    const before = versionBefore(key, name)
    const after = versionNow(key, name)
    const isUpgrade = before !== null && after !== null && before !== after
    const of = isUpgrade ? 'upgrade' : kind
    const id = `${of} ${key}`
    if (seen.has(id)) seen.get(id).count++
    else seen.set(id, { kind: of, path: isUpgrade ? key : path, name, key, before, now: after, count: 1 })
  }
  for (const [path, before] of Object.entries(base.files)) {
    if (isNoMatter(path) || isBin(path)) continue
    const after = now.files[path]
    if (!after) note(path, 'gone')
    else if (!isSame(before, after)) note(path, 'changed')
  }
  for (const path of Object.keys(now.files)) {
    if (base.files[path] || isNoMatter(path) || isBin(path)) continue
    if (known.has(packageOf(path)?.key)) note(path, 'added')
  }
  const remains = new Set(Object.keys(now.files).map(path => packageOf(path)?.key))
  for (const finding of seen.values()) {
    if (finding.kind === 'gone' && !remains.has(finding.key)) finding.kind = 'removed'
    yield finding
  }
}

/** Rewritten by installers whatever they install. */
const isNoMatter = path =>
  (/\.(dist|egg)-info\//.test(path) && !path.endsWith('/entry_points.txt')) ||
  /(^|\/)node_modules\/\.[^/]+$/.test(path) ||
  /(^|\/)vendor\/(composer\/|autoload\.php$|modules\.txt$)/.test(path) ||
  path.endsWith('.pth') ||
  /\/__editable___\w+_finder\.py$/.test(path)

const isBin = path => /(^|\/)node_modules\/\.bin\/[^/]+$/.test(path) || isVenvBin(path)
const isVenvBin = path =>
  /(^|\/)(s?bin|Scripts)\/[^/]+$/.test(path) && !/node_modules|site-packages|(^|\/)vendor\//.test(path)

function* links(base, now) {
  for (const path of new Set([...Object.keys(base.files), ...Object.keys(now.files)])) {
    const isConfig = basename(path) === 'pyvenv.cfg'
    if (!isBin(path) && !isConfig) continue
    const [before, after] = [base.files[path], now.files[path]]
    if (isSame(before, after) || !after) continue
    // A new environment is another matter than a changed one.
    if (!before && isConfig) continue
    if (!before && isVenvBin(path) && !base.files[`${dirname(dirname(path))}/pyvenv.cfg`]) continue
    yield {
      kind: before ? 'program_changed' : 'program_added',
      path,
      name: isConfig ? 'python' : basename(path),
    }
  }
}

function* additions(base, now) {
  const before = new Set(Object.keys(base.files).map(path => packageOf(path)?.key))
  const seen = new Set()
  for (const [path, entry] of Object.entries(now.files)) {
    const isNew = !base.files[path]
    if (!isNew && isSame(base.files[path], entry)) continue
    if (path.endsWith('.pth') && entry[5] === 'code') yield { kind: 'startup', path }
    if (/(^|\/)(site|user)customize\.pyc?$/.test(path) && /site-packages\/[^/]+$/.test(path))
      yield { kind: 'startup', path }
    if (
      basename(path) === 'entry_points.txt' &&
      entry[5] === 'pytest11' &&
      base.files[path]?.[5] !== 'pytest11'
    )
      yield { kind: 'plugin', path }
    const found = isNew ? packageOf(path) : null
    if (!found || before.has(found.key) || seen.has(found.key)) continue
    seen.add(found.key)
    const outer = outerPackages(found).find(key => before.has(key))
    yield { kind: outer ? 'nested' : 'new', path: found.key, name: found.name, before: outer ?? null }
  }
}

/** Where Node would have found a package of this name before. */
function outerPackages({ key, name }) {
  const keys = []
  let folder = key.slice(0, key.length - `node_modules/${name}`.length).replace(/\/$/, '')
  while (folder !== '' && folder !== '.') {
    folder = dirname(folder)
    keys.push(folder === '.' ? `node_modules/${name}` : `${folder}/node_modules/${name}`)
  }
  return keys
}

/** The package a file of a dependency folder belongs to: its folder, and its name. null for what belongs to none. */
export function packageOf(path) {
  const npm = /^(.*(?:^|\/)node_modules\/)((?:@[^/]+\/)?[^/]+)(?:\/|$)/.exec(path)
  if (npm) return npm[2].startsWith('.') ? null : { key: npm[1] + npm[2], name: npm[2] }
  const python = /^(.*\/(?:site|dist)-packages\/)([^/]+)/.exec(path)
  if (python) {
    const name = python[2].replace(/\.(py|pyc)$|\.[^/]*\.so$/, '')
    const dist = /^(.+?)-[^-]+\.(?:dist|egg)-info$/.exec(name)?.[1]
    return { key: python[1] + (dist ?? name), name: dist ?? name }
  }
  const gem = /^(.*\/vendor\/bundle\/.*\/gems\/|vendor\/bundle\/.*\/gems\/)([^/]+)/.exec(path)
  if (gem) return { key: gem[1] + gem[2], name: gem[2] }
  const vendor = /^((?:.*\/)?vendor\/)([^/]+\/[^/]+)\//.exec(path)
  return vendor && { key: vendor[1] + vendor[2], name: vendor[2] }
}

function versionsOf({ files }) {
  const found = new Map()
  for (const [path, entry] of Object.entries(files)) {
    const extra = entry[5]
    if (extra === undefined || extra === null) continue
    if (entry[0].startsWith('link ') && packageOf(path)?.key === path) found.set(path, extra)
    if (basename(path) === 'package.json') {
      const key = packageOf(path)?.key
      if (key === dirname(path)) found.set(key, extra)
    } else if (basename(path) === 'RECORD') {
      const dist = /([^/]+)\.dist-info$/.exec(dirname(path))?.[1]
      const site = dirname(dirname(path))
      if (dist) for (const name of extra) found.set(`${site}/${name}`, dist)
    } else if (path.endsWith('vendor/composer/installed.json')) {
      const folder = dirname(dirname(path))
      for (const [name, version] of Object.entries(extra)) found.set(`${folder}/${name}`, version)
    } else continue
  }
  const goModules = key => {
    const at = /^(.*?vendor)\//.exec(key)?.[1]
    return at ? (files[`${at}/modules.txt`]?.[0] ?? null) : null
  }
  return key => found.get(key) ?? goModules(key)
}
