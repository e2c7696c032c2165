// The house rules, held against every import line. A rule that must change is changed here, with its reason.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { goals } from '#lib/goals/registry'
import { tools } from '#lib/tools/registry'
import { pendingSql } from '../scripts/migration.ts'
import { endpoints } from './contract/endpoints.ts'
import { EVENT_KINDS } from './contract/event.ts'
import {
  cyclesIn,
  explicitAny,
  forbiddenImports,
  htmlSinks,
  type Import,
  importsOf,
  moduleState,
  reachableFrom,
  readsEnvironment,
  reExports,
  type SourceFile,
  strayPackages,
} from './testing/source-rules.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What is read: our TypeScript. The projects that runs work on are not part of the house. */
function readSources(): SourceFile[] {
  const found: SourceFile[] = []
  const walk = (folder: string) => {
    for (const name of readdirSync(path.join(ROOT, folder))) {
      const file = path.posix.join(folder, name)
      if (name.startsWith('.') || file === 'lib/demo/project' || file === 'lib/testing/projects') continue
      if (statSync(path.join(ROOT, file)).isDirectory()) walk(file)
      else if (/\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
        found.push({ path: file, text: readFileSync(path.join(ROOT, file), 'utf8') })
    }
  }
  walk('lib')
  walk('app')
  return [...found, { path: 'server.ts', text: readFileSync(path.join(ROOT, 'server.ts'), 'utf8') }]
}

/** Helpers that only tests use; those outside lib/testing lie beside the parts they serve. */
const TEST_HELPERS = /^lib\/testing\/|\.fixture\.tsx?$|^lib\/(tools\/test-tools|goals\/test-folder)\.ts$/
const isTest = (file: string) => /\.test\.tsx?$/.test(file) || TEST_HELPERS.test(file)

const sources = readSources()
const product = sources.filter(({ path: file }) => !isTest(file))
const imports = product.flatMap(importsOf)
const isClient = new Set(
  product.filter(({ text }) => /^['"]use client['"]/m.test(text)).map(({ path: file }) => file),
)

const filesIn = (folder: string) => readdirSync(path.join(ROOT, folder))
const dashed = (name: string) => name.replaceAll('_', '-')

/** The folder in lib, the file directly in lib, or what it is in app; for packages, whether they are Node's. */
function partOf(file: string): string {
  if (file === 'server.ts') return 'server'
  if (file.startsWith('prisma/generated/')) return 'generated'
  if (file.startsWith('app/'))
    return file.endsWith('/route.ts') ? 'route' : isClient.has(file) ? 'browser' : 'app'
  const [, first = ''] = file.split('/')
  if (file.startsWith('lib/')) return first.replace(/\.ts$/, '')
  return 'package'
}

const BOTTOM = [
  'contract',
  'crash-point',
  'errors',
  'fault-scopes',
  'limits',
  'nearest',
  'no-room',
  'package',
  'redaction',
  'turns',
  'write-durably',
]

// part → what it may import besides itself. Downwards only.
const LAYERS: Record<string, readonly string[]> = {
  contract: ['package'],
  'crash-point': [],
  errors: ['contract'],
  limits: [],
  'fault-scopes': ['package'],
  nearest: ['package'],
  'no-room': ['package'],
  turns: [],
  'write-durably': ['package'],
  redaction: ['package'],
  log: ['contract', 'package'],
  'log-ring': ['contract', 'limits'],
  'process-life': ['fault-scopes', 'log', 'package'],
  config: ['contract', 'limits', 'package', 'redaction'],
  // What commands mean, read without running them.
  policy: BOTTOM,
  workspace: BOTTOM,
  goals: [...BOTTOM, 'workspace'],
  tools: [...BOTTOM, 'workspace', 'models'], // the shape in which a model is told of a tool
  models: BOTTOM,
  store: [...BOTTOM, 'generated'],
  events: [...BOTTOM, 'store'],
  // How a check becomes a verdict that can be trusted.
  verdict: [...BOTTOM, 'workspace', 'goals'],
  agent: [...BOTTOM, 'workspace', 'goals', 'tools', 'models', 'policy', 'verdict'],
  runs: [...BOTTOM, 'workspace', 'goals', 'tools', 'models', 'store', 'events', 'agent', 'policy', 'verdict'],
  readiness: [...BOTTOM, 'workspace'],
  // Watches what is stored, and is asked over HTTP.
  metrics: ['contract', 'package'],
  tracing: ['contract', 'errors', 'package', 'store'],
  'server-info': [...BOTTOM, 'config', 'workspace'],
  // Told of what is stored, reads what it tells from the store.
  webhook: [...BOTTOM, 'store'],
  runtime: ['contract', 'events', 'models', 'runs'], // types only, see below
  'create-runtime': [
    ...BOTTOM,
    ...[
      'config',
      'log',
      'workspace',
      'goals',
      'tools',
      'models',
      'store',
      'events',
      'runs',
      'readiness',
      'server-info',
      'runtime',
      'webhook',
      'metrics',
    ],
  ],
  'back-up': [...BOTTOM, 'config', 'store'],
  doctor: [...BOTTOM, 'config', 'workspace'],
  api: [...BOTTOM, 'runtime'],
  live: [...BOTTOM, 'config', 'runtime', 'events', 'runs', 'api', 'metrics'],
  client: ['contract', 'package'],
  // The command line speaks to a server as the browser does; the demo is a command with a project of its own.
  cli: ['contract', 'client', 'errors', 'package', 'demo'],
  demo: ['contract', 'client', 'errors', 'package', 'cli', 'workspace'],
  route: ['api'],
  app: ['contract', 'errors', 'client', 'runtime', 'browser', 'package'],
  browser: ['contract', 'errors', 'client', 'app', 'package'],
  // Of the store only what it may refuse a start with.
  server: [
    ...BOTTOM,
    ...[
      'config',
      'log',
      'log-ring',
      'process-life',
      'create-runtime',
      'runtime',
      'live',
      'store',
      'metrics',
      'tracing',
    ],
  ],
}

describe('the layers', () => {
  it('are imported downwards only', () => {
    expect(forbiddenImports(imports, partOf, LAYERS)).toEqual([])
  })

  it('have no ring of imports', () => {
    expect(cyclesIn(imports)).toEqual([])
  })

  it('keep the registries for the composition root; the loop sees interfaces', () => {
    const strangers = imports.filter(
      ({ from, to }) =>
        /^lib\/(goals|tools|models)\/registry\.ts$/.test(to) &&
        from !== 'lib/create-runtime.ts' &&
        path.dirname(from) !== path.dirname(to),
    )
    expect(strangers).toEqual([])
  })

  it('of the contract are Zod and nothing else', () => {
    const packages = imports.filter(
      ({ from, to }) => from.startsWith('lib/contract/') && !to.startsWith('lib/contract/'),
    )
    expect([...new Set(packages.map(({ to }) => to))]).toEqual(['zod'])
  })

  it('meet in lib/runtime.ts without loading each other', () => {
    expect(imports.filter(({ from, isType }) => from === 'lib/runtime.ts' && !isType)).toEqual([])
  })

  it('that Next bundles never load the runs, the agent, the models or the database', () => {
    const bundled = reachableFrom(
      product.map(({ path: file }) => file).filter(file => file.startsWith('app/')),
      imports,
    )
    const parts = [
      'agent',
      'runs',
      'events',
      'store',
      'models',
      'tools',
      'goals',
      'workspace',
      'live',
      'create-runtime',
      'config',
      'generated',
      'cli',
      'demo',
    ]
    expect([...bundled].filter(file => parts.includes(partOf(file)))).toEqual([])
  })

  it('that run in a browser load nothing of Node and not the runtime', () => {
    const loaded = reachableFrom([...isClient], imports)
    expect(
      [...loaded].filter(to => to.startsWith('node:') || /^lib\/(runtime|api|config)\b/.test(to)),
    ).toEqual([])
    expect(isClient.size).toBeGreaterThan(10)
  })

  it('never import what only tests use', () => {
    const testing = imports.filter(({ to }) => isTest(to) || ['vitest', 'fast-check'].includes(to))
    expect(testing).toEqual([])
  })
})

it('each package that decides something lives in one place', () => {
  const homes = {
    '@prisma/client': ['lib/store'],
    '@prisma/adapter-libsql': ['lib/store'],
    '@prisma/driver-adapter-utils': ['lib/store'],
    '@libsql/client': ['lib/store'],
    libsql: ['lib/store'],
    'prisma/generated/sqlite/client.ts': ['lib/store'],
    '@anthropic-ai/sdk': ['lib/models'],
    ws: ['lib/live', 'lib/cli'],
    'socket.io': ['lib/live'],
    'socket.io-client': ['lib/client'],
    pino: ['lib/log.ts'],
    'prom-client': ['lib/metrics'],
    '@opentelemetry/api': ['lib/tracing'],
    '@opentelemetry/sdk-trace-node': ['lib/tracing'],
    '@opentelemetry/resources': ['lib/tracing'],
    '@opentelemetry/exporter-trace-otlp-http': ['lib/tracing'],
    commander: ['lib/cli'],
    next: ['app', 'server.ts'],
    react: ['app'],
  }
  expect(strayPackages(imports, homes)).toEqual([])
  // Tests, too, go through the store; only its own look behind it.
  const prisma = sources
    .flatMap(importsOf)
    .filter(({ to }) => to.startsWith('@prisma') || to.startsWith('prisma/'))
  expect(prisma.filter(({ from }) => !from.startsWith('lib/store/'))).toEqual([])
})

it('the environment is read in one place', () => {
  const EXCEPTIONS = [
    // Reads the environment of the terminal it was started in.
    /^lib\/cli\//,
    // Starts the server as a command of its own.
    /^lib\/demo\/demo\.ts$/,
    // What commands may inherit, through an allow-list.
    /^lib\/workspace\/(spawner|workspaces|sandbox\/open-sandbox)\.ts$/,
    // The text of a script that runs inside the tests of a project.
    /^lib\/goals\/node-probe\.ts$/,
    // Sets one variable for Next before it is loaded, and reads none.
    /^server\.ts$/,
  ]
  const readers = product.filter(readsEnvironment).map(({ path: file }) => file)
  expect(readers).toContain('lib/config.ts')
  const strangers = readers.filter(
    file => file !== 'lib/config.ts' && !EXCEPTIONS.some(one => one.test(file)),
  )
  expect(strangers).toEqual([])
})

it('no module holds state, passes on what others export, or gives up a type', () => {
  expect(product.flatMap(moduleState)).toEqual([])
  expect(product.flatMap(reExports)).toEqual([])
  expect(product.flatMap(explicitAny)).toEqual([])
})

it('text never becomes HTML or code, and no HTML of a page has a style the policy would refuse', () => {
  // Drawn by the browser alone, where a style is set and not parsed.
  const onlyInBrowser = ['app/runs/[runId]/event-list.tsx']
  const pages = product.filter(({ path: file }) => /^(?:app|lib\/(?:client|contract))\//.test(file))
  expect(pages.length).toBeGreaterThan(100)
  expect(pages.flatMap(file => htmlSinks(file, onlyInBrowser))).toEqual([])
})

describe('what is registered', () => {
  it('every kind of event has its file, and every file is a kind', () => {
    const files = filesIn('lib/contract/events').filter(name => name !== 'shared.ts')
    expect(EVENT_KINDS.map(({ kind }) => `${dashed(kind)}.ts`).sort()).toEqual(files.sort())
  })

  it('every goal and every tool has its file', () => {
    for (const { name } of goals) expect(filesIn('lib/goals')).toContain(`${name}.ts`)
    for (const { name } of tools) expect(filesIn('lib/tools')).toContain(`${dashed(name)}.ts`)
    const names = [...goals, ...tools].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('every endpoint has one route export and one handler, both named after it, and the reverse', () => {
    const exported = sources
      .filter(({ path: file }) => /^app\/.*\/route\.ts$/.test(file))
      .flatMap(({ path: file, text }) => {
        const url = file.slice('app'.length, -'/route.ts'.length).replace(/\[(\w+)\]/g, '{$1}')
        return [...text.matchAll(/^export const ([A-Z]+) = route\((\w+)\)$/gm)].map(
          ([, method, handler]) => `${method} ${url} ${handler}`,
        )
      })
    const handlerOf = (id: string) => `handle${id.charAt(0).toUpperCase()}${id.slice(1)}`
    const routed = endpoints.filter(({ direct }) => !direct)
    expect(exported.sort()).toEqual(
      routed.map(({ id, method, path: url }) => `${method} ${url} ${handlerOf(id)}`).sort(),
    )
    const files = routed.map(({ id }) => `${id.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}.ts`)
    expect(filesIn('lib/api/handlers').sort()).toEqual(files.sort())
  })

  it('no route file stands where the WebSocket is, and no page takes every address', () => {
    const files = sources.map(({ path: file }) => file)
    expect(files.filter(file => file.startsWith('app/api/ws') || file.startsWith('app/api/live'))).toEqual([])
    expect(files.filter(file => /^app\/\[+\.\.\./.test(file))).toEqual([])
  })

  it('the migrations make what the models say', async () => {
    expect(await pendingSql()).toBe('')
  })
})

describe('a rule that is broken is found', () => {
  const read = (file: string, text: string): Import[] => importsOf({ path: file, text })

  it('imports of every form', () => {
    const text = [
      "import { a, type B } from '#lib/errors'",
      "import type { C } from './c.ts'",
      'import {',
      '  type D,',
      '  type E,',
      "} from '../d/e.ts'",
      "import '@scope/name/deep.css'",
      "const f = await import('node:fs')",
      "type G = import('./g.ts').G",
      "export { h } from './h.ts'",
      "// import { no } from './comment.ts'",
      "import i from 'zod'",
    ].join('\n')
    expect(
      read('lib/x/y.ts', text)
        .map(({ to, isType }) => `${to}${isType ? ' (type)' : ''}`)
        .sort(),
    ).toEqual(
      [
        'lib/errors.ts',
        'lib/x/c.ts (type)',
        'lib/d/e.ts (type)',
        '@scope/name',
        'node:fs',
        'lib/x/g.ts (type)',
        'lib/x/h.ts',
        'zod',
      ].sort(),
    )
  })

  it('an import upwards, and a part without a place', () => {
    const upwards = read('lib/agent/loop.ts', "import { x } from '#lib/runs/runs'")
    expect(forbiddenImports(upwards, partOf, LAYERS)).toEqual([
      'lib/agent/loop.ts imports lib/runs/runs.ts, but agent may not use runs',
    ])
    const typed = read('lib/client/call.ts', "import type { x } from '#lib/runs/types'")
    expect(forbiddenImports(typed, partOf, LAYERS)).toHaveLength(1)
    const page = read('app/api/runs/route.ts', "import { x } from '#lib/store/store'")
    expect(forbiddenImports(page, partOf, LAYERS)).toHaveLength(1)
    expect(forbiddenImports(read('lib/misc/x.ts', "import 'zod'"), partOf, LAYERS)[0]).toContain(
      'not in the table',
    )
    expect(
      forbiddenImports(read('lib/runs/a.ts', "import { x } from '#lib/agent/loop'"), partOf, LAYERS),
    ).toEqual([])
  })

  it('a ring', () => {
    const ring = [
      ...read('lib/a.ts', "import { b } from './b.ts'"),
      ...read('lib/b.ts', "import { c } from './c.ts'"),
      ...read('lib/c.ts', "import { a } from './a.ts'"),
    ]
    expect(cyclesIn(ring)).toEqual(['lib/a.ts → lib/b.ts → lib/c.ts → lib/a.ts'])
    expect(cyclesIn([...ring.slice(0, 2), ...read('lib/c.ts', "import type { a } from './a.ts'")])).toEqual(
      [],
    )
  })

  it('what is loaded through others', () => {
    const chain = [
      ...read('app/page.tsx', "import { b } from '#lib/b'"),
      ...read('lib/b.ts', "import { c } from '#lib/store/c'\nimport type { d } from '#lib/store/d'"),
    ]
    expect([...reachableFrom(['app/page.tsx'], chain)]).toEqual([
      'app/page.tsx',
      'lib/b.ts',
      'lib/store/c.ts',
    ])
  })

  it('a package away from home', () => {
    const stray = read('lib/runs/runs.ts', "import { Prisma } from '#gen/sqlite/client'")
    expect(strayPackages(stray, { 'prisma/generated/sqlite/client.ts': ['lib/store'] })).toHaveLength(1)
    expect(strayPackages(read('lib/storefront/x.ts', "import 'ws'"), { ws: ['lib/store'] })).toHaveLength(1)
    expect(strayPackages(read('lib/store/x.ts', "import 'ws'"), { ws: ['lib/store'] })).toEqual([])
  })

  it.each([
    [moduleState, 'let count = 0', 'const f = () => {\n  let count = 0\n}'],
    [moduleState, 'export let count = 0', 'export const count = 0'],
    [reExports, "export * from './a.ts'", 'export const a = 1'],
    [reExports, "export { a } from './a.ts'", "import { a } from './a.ts'\nexport const b = a"],
    [explicitAny, 'const x: any = 1', "const x = 'a: any b'"],
    [explicitAny, 'const x = y as any', '// anything, any'],
    [
      explicitAny,
      'const x = new Map<string, any>()',
      '// biome-ignore lint/suspicious/noExplicitAny: it is\nconst x: any = 1',
    ],
  ])('%o', (rule, wrong, right) => {
    expect(rule({ path: 'x.ts', text: wrong })).toHaveLength(1)
    expect(rule({ path: 'x.ts', text: right })).toEqual([])
  })

  it.each([
    ['<p dangerouslySetInnerHTML={{ __html: text }} />', '<p>{text}</p>'],
    ['element.innerHTML = text', 'element.textContent = text'],
    ["element.insertAdjacentHTML('beforeend', text)", 'element.append(text)'],
    ['document.write(text)', 'socket.write(text)'],
    ['<iframe srcDoc={text} />', '<a href={text} />'],
    ['new DOMParser().parseFromString(text)', 'JSON.parse(text)'],
    ['eval(text)', 'evaluate(text)'],
    ["setTimeout('alert(1)')", 'setTimeout(() => {}, 1)'],
    ["<i style={{ width: '3px' }} />", '// style={{ }} is for another place'],
  ])('text that becomes HTML or code: %s', (wrong, right) => {
    expect(htmlSinks({ path: 'app/x.tsx', text: wrong }).length).toBeGreaterThan(0)
    expect(htmlSinks({ path: 'app/x.tsx', text: right })).toEqual([])
  })

  it('a look at the environment', () => {
    const reads = (text: string) => readsEnvironment({ path: 'x.ts', text })
    expect(reads('const home = process.env.HOME')).toBe(true)
    expect(reads('const { env, cwd } = process')).toBe(true)
    expect(reads('// process.env is read elsewhere')).toBe(false)
    expect(reads('const { env } = options')).toBe(false)
  })
})
