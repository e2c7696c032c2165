// Adds lock entries for optional platform packages that the registry used for `npm install` did not carry. Without them
// `npm ci` refuses the lock file, and other platforms would lack their compilers. Run it after every `npm install`.
import { readFileSync, writeFileSync } from 'node:fs'

const OS = {
  darwin: 'darwin',
  linux: 'linux',
  linuxmusl: 'linux',
  win32: 'win32',
  windows: 'win32',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  android: 'android',
  sunos: 'sunos',
  aix: 'aix',
  openharmony: 'openharmony',
}
const CPU = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'wasm32', 'loong64', 'mips64el']

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const packages = lock.packages

function isInstalled(from, name) {
  let base = from
  for (;;) {
    if (packages[`${base ? `${base}/` : ''}node_modules/${name}`]) return true
    if (!base) return false
    const parent = base.lastIndexOf('/node_modules/')
    base = parent < 0 ? '' : base.slice(0, parent)
  }
}

function stub(name, range, owner) {
  const words = name.replace(/^@[^/]+\//, '').split(/[-_.]/)
  const os = words.map(word => OS[word]).find(Boolean)
  const cpu = words
    .map(word => (word.startsWith('arm') && word !== 'arm64' ? 'arm' : word === 'ppc64le' ? 'ppc64' : word))
    .find(word => CPU.includes(word))
  const libc = words.some(word => word === 'musl' || word === 'linuxmusl')
    ? 'musl'
    : words.includes('gnu')
      ? 'glibc'
      : null
  return {
    version: range.replace(/^[\^~]/, ''),
    ...(cpu ? { cpu: [cpu] } : {}),
    ...(owner.dev ? { dev: true } : {}),
    ...(libc ? { libc: [libc] } : {}),
    optional: true,
    ...(os ? { os: [os] } : {}),
  }
}

let added = 0
for (const [path, owner] of Object.entries(packages)) {
  for (const [name, range] of Object.entries(owner.optionalDependencies ?? {})) {
    if (isInstalled(path, name)) continue
    packages[`node_modules/${name}`] = stub(name, range, owner)
    added += 1
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added} optional platform packages added to package-lock.json`)
