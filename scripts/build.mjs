// Builds what `retrai` runs: the Prisma client, the bundles of server and CLI in dist/, the pages in .next/. Each part is
// built only when its sources have changed since. `node scripts/build.mjs` builds all of it anew, with `--if-stale` what is old.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle, HELPERS, withoutCrashPoints } from './bundle.mjs'
import { withLock } from './lock.mjs'
import { sourceHash } from './source-hash.mjs'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const at = (...parts) => path.join(root, ...parts)

const PACKAGE = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'scripts/build.mjs',
  'scripts/bundle.mjs',
]

/** Loaded by server.ts or the command line only, never by a page: a change there needs no minute of `next build`. */
const NOT_IN_PAGES = [
  'agent',
  'cli',
  'demo',
  'events',
  'live',
  'metrics',
  'models',
  'store',
  'tools',
  'workspace',
]

function libOfPages() {
  const names = existsSync(at('lib')) ? readdirSync(at('lib')) : []
  return names.filter(name => !NOT_IN_PAGES.includes(name)).map(name => `lib/${name}`)
}

const PARTS = {
  bundles: {
    title: 'server and command line',
    sources: [
      ...PACKAGE,
      'lib',
      'server.ts',
      'prisma/models',
      'prisma/sqlite/schema.prisma',
      'scripts/prisma-generate.mjs',
    ],
    outputs: [
      'dist/server.mjs',
      'dist/cli.mjs',
      'dist/back-up.mjs',
      'dist/doctor.mjs',
      ...HELPERS.map(file => `dist/${path.basename(file)}`),
    ],
    make: makeBundles,
  },
  pages: {
    title: 'pages',
    sources: [
      ...[...PACKAGE, 'app', 'public', ...libOfPages()],
      ...['instrumentation-client.ts', 'next.config.mjs', 'postcss.config.mjs'],
    ],
    outputs: ['.next/BUILD_ID', '.next/required-server-files.json'],
    make: makePages,
  },
}

/** Builds what is missing or older than its sources. Throws with the output of what failed. */
export async function ensureBuild({ pages }) {
  const wanted = pages ? ['bundles', 'pages'] : ['bundles']
  if (wanted.every(isFresh)) return
  await build(
    wanted.filter(name => !isFresh(name)),
    isFresh,
  )
}

/** `isDone` is asked again under the lock: another process may have built it meanwhile. */
async function build(names, isDone = () => false) {
  try {
    await withLock(at('dist/.lock'), async () => {
      for (const name of names.filter(name => !isDone(name))) await buildPart(name)
    })
  } catch (error) {
    if (['EACCES', 'EROFS', 'EPERM'].includes(error.code)) {
      throw new Error(
        `${root} is not built for its sources and cannot be written (${error.code}); run \`npm run build\` as its owner`,
      )
    }
    throw error
  }
}

async function buildPart(name) {
  const { title, sources, make } = PARTS[name]
  const started = performance.now()
  // Taken before: what changes during the build is built the next time.
  const hash = sourceHash(root, sources)
  process.stderr.write(`Building ${title} … `)
  try {
    rmSync(stampOf(name), { force: true })
    await make()
    writeFileSync(stampOf(name), hash)
  } catch (error) {
    process.stderr.write('failed\n')
    throw error
  }
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}

const stampOf = name => at('dist', `${name}.stamp`)

function isFresh(name) {
  const { sources, outputs } = PARTS[name]
  if (!outputs.every(file => existsSync(at(file))) || !existsSync(stampOf(name))) return false
  return readFileSync(stampOf(name), 'utf8') === sourceHash(root, sources)
}

async function makeBundles() {
  await run([at('scripts/prisma-generate.mjs')])
  await bundle({
    root,
    outdir: at('dist'),
    entryPoints: {
      server: 'server.ts',
      cli: 'lib/cli/main.ts',
      'back-up': 'lib/back-up.ts',
      doctor: 'lib/doctor.ts',
    },
    plugins: [withoutCrashPoints],
  })
}

async function makePages() {
  await run([at('scripts/prisma-generate.mjs')])
  const next = createRequire(import.meta.url).resolve('next/dist/bin/next')
  await run([next, 'build'], {
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    // It would look the missing packages up in the network, and change the lock file.
    NEXT_IGNORE_INCORRECT_LOCKFILE: '1',
  })
}

/** Runs a Node program quietly; what it printed is only of interest when it fails. */
async function run(argv, env = {}) {
  const child = spawn(process.execPath, argv, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', chunk => (output += chunk))
  child.stderr.on('data', chunk => (output += chunk))
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) {
    const name = argv.map(part => path.basename(part)).join(' ')
    throw new Error(`the build failed: ${name} ended with ${code}\n\n${output.trim()}`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    if (process.argv[2] === '--if-stale') await ensureBuild({ pages: true })
    else await build(Object.keys(PARTS))
  } catch (error) {
    console.error(`retrai: ${error instanceof Error ? error.message : error}`)
    process.exit(1)
  }
}
