// Servers to test that are not the product: with crash points, or with a fault built in by a patch of the source.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import { bundle } from '../../scripts/bundle.mjs'

export interface Patch {
  /** From the project's root. */
  file: string
  /** Must be in the file exactly once: a patch cannot rot unnoticed. */
  from: string
  to: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The path of a `server.mjs` below dist/test. */
export async function buildBundle(name: string, patches: Patch[] = []): Promise<string> {
  const outdir = path.join(root, 'dist/test', name)
  await bundle({
    root,
    outdir,
    entryPoints: { server: 'server.ts' },
    plugins: [crashPoints, patching(patches)],
  })
  return path.join(outdir, 'server.mjs')
}

const crashPoints: Plugin = {
  name: 'crash-points',
  setup(build) {
    build.onResolve({ filter: /crash-point(\.ts)?$/ }, () => ({
      path: path.join(root, 'tests/reliability/crash-here.ts'),
    }))
  },
}

function patching(patches: Patch[]): Plugin {
  const texts = patched(patches, file => readFileSync(path.join(root, file), 'utf8'))
  return {
    name: 'patches',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
        const contents = texts.get(path.relative(root, file))
        return contents === undefined ? undefined : { loader: 'ts', contents }
      })
    },
  }
}

/** The texts of the files after their patches. */
export function patched(patches: Patch[], read: (file: string) => string): Map<string, string> {
  const texts = new Map<string, string>()
  for (const { file, from, to } of patches) {
    const text = texts.get(file) ?? read(file)
    const found = text.split(from).length - 1
    if (found !== 1)
      throw new Error(`A patch does not fit any more: its text is ${found} times in ${file}:\n${from}`)
    texts.set(
      file,
      text.replace(from, () => to),
    )
  }
  return texts
}

/** Every crash point in the source, in order of the files. */
export function pointsIn(text: string): string[] {
  return [...text.matchAll(/^ *crashPoint\('([\w-]+)'\)$/gm)].map(([, name]) => name!) // the group is in the pattern
}
