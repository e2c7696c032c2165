// Lists of globs as people write them: a plain name means a folder too, and what begins with ! is taken away from the rest.
import picomatch from 'picomatch'

const OPTIONS = { dot: true, nocase: process.platform === 'darwin' || process.platform === 'win32' }

/** Order does not matter: what any pattern with ! matches is out. Without other patterns nothing is in. */
export function matcherOf(patterns: readonly string[]): (path: string) => boolean {
  const wanted = patterns.filter(pattern => !pattern.startsWith('!')).flatMap(withFolder)
  const unwanted = negated(patterns).flatMap(withFolder)
  if (wanted.length === 0) return () => false
  const isIn = picomatch(wanted, OPTIONS)
  if (unwanted.length === 0) return path => isIn(path)
  const isOut = picomatch(unwanted, OPTIONS)
  return path => isIn(path) && !isOut(path)
}

/** The patterns that take away, without their mark. */
export const negated = (patterns: readonly string[]): string[] =>
  patterns.filter(pattern => pattern.startsWith('!')).map(pattern => pattern.slice(1))

/** A path as a pattern that matches only itself. */
export const literally = (path: string): string => path.replace(/[\\*?()[\]{}!+@|]/g, '\\$&')

function withFolder(pattern: string): string[] {
  const plain = pattern.replace(/^(\.\/)+/, '').replace(/\/+$/, '')
  return plain.endsWith('*') ? [plain] : [plain, `${plain}/**`]
}
