// How server and command line are bundled: by the build, and by tests that want a server with something else inside.
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Programs of their own, started by their path next to the bundle. */
export const HELPERS = [
  'lib/workspace/spawner-process.mjs',
  'lib/workspace/process-tree.mjs',
  'lib/workspace/sandboxed-command.mjs',
  'lib/tools/search-process.mjs',
  'lib/verdict/fingerprint-process.mjs',
  'lib/verdict/fingerprint-compare.mjs',
  'lib/goals/api-process.mjs',
]

/**
 * Packages that stay what they are: they load native code, workers or files by their own place, or are needed by few servers alone
 * (traces). All others are read faster from one file than from hundreds: it takes a third off each command of the command line.
 */
const EXTERNAL = [
  'next',
  'esbuild',
  'libsql',
  '@libsql/*',
  '@prisma/*',
  'pino',
  'ws',
  'socket.io',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-node',
]

/** Bundles these files of `root` into `outdir`, with the helpers beside. */
export async function bundle({ root, outdir, entryPoints, plugins = [] }) {
  // Not at the top: an installed package has this file's folder neither, and `retrai ls` should not wait for a bundler.
  const esbuild = await import('esbuild')
  mkdirSync(outdir, { recursive: true })
  await esbuild.build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    external: EXTERNAL,
    // CommonJS packages ask for Node's modules by it.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'silent',
    plugins,
  })
  for (const file of HELPERS) {
    const copy = path.join(outdir, path.basename(file))
    copyFileSync(path.join(root, file), copy)
    chmodSync(copy, 0o644)
  }
}

/** The product is built without the calls of lib/crash-point.ts, each of which stands on a line of its own. */
export const withoutCrashPoints = {
  name: 'without-crash-points',
  setup(build) {
    build.onLoad({ filter: /\/lib\/.*\.ts$/ }, ({ path: file }) => {
      const text = readFileSync(file, 'utf8')
      if (!text.includes('crashPoint')) return undefined
      return { loader: 'ts', contents: text.replace(/^ *crashPoint\('[\w-]+'\)$/gm, '') }
    })
  },
}
