#!/usr/bin/env node
// Plain JavaScript, so that an old Node can still say what is wrong. In a checkout it builds what the sources have outrun;
// an installed package has no sources and comes built.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `retrai: Node 20.19 or newer is needed, this is ${process.versions.node}; install a newer one from nodejs.org`,
  )
  process.exit(2)
}

// Other users of the machine can read a command line: a token does not stay in it.
if (process.argv.some(argument => argument.startsWith('--token'))) process.title = 'retrai'

const { existsSync } = await import('node:fs')
const { dirname } = await import('node:path')
const { fileURLToPath } = await import('node:url')

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const builder = new URL('../scripts/build.mjs', import.meta.url)

/** @param {{ pages: boolean }} parts */
async function ensureBuild(parts) {
  if (process.env.RETRAI_SKIP_BUILD === '1' || !existsSync(builder)) return
  const { ensureBuild: build } = await import(builder.href)
  await build(parts)
}

try {
  await ensureBuild({ pages: false })
} catch (error) {
  console.error(`retrai: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
}
const { main } = await import('../dist/cli.mjs')
const code = await main(process.argv.slice(2), { root, ensureBuild })
// A server answers no code: it lives until a signal.
if (code !== undefined) process.exit(code)
