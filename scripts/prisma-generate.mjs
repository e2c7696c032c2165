// Composes prisma/models/*.prisma with prisma/<provider>/schema.prisma and generates the client, without the network.
// Skips when the generated client is newer than its sources.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const cli = createRequire(import.meta.url).resolve('prisma/build/index.js')
const models = readdirSync(path.join(root, 'prisma/models')).map(name =>
  path.join(root, 'prisma/models', name),
)

for (const provider of ['sqlite']) {
  const schema = path.join(root, 'prisma', provider, 'schema.prisma')
  const generated = path.join(root, 'prisma/generated', provider, 'client.ts')
  const sources = [schema, ...models]
  if (existsSync(generated) && sources.every(file => statSync(file).mtimeMs <= statSync(generated).mtimeMs))
    continue

  const composed = path.join(root, '.prisma-compose', provider)
  rmSync(composed, { recursive: true, force: true })
  mkdirSync(composed, { recursive: true })
  for (const file of sources) cpSync(file, path.join(composed, path.basename(file)))
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'generate', '--schema', composed], {
    cwd: root,
    encoding: 'utf8',
    // Any existing file that cannot be executed: the CLI looks for its engine although `generate` does not need it.
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? 'package.json',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  })
  rmSync(path.join(root, '.prisma-compose'), { recursive: true, force: true })
  if (status !== 0) {
    process.stderr.write(stdout + stderr)
    process.exit(status ?? 1)
  }
}
