// What a change did to a test, in figures: skipped, expected to fail, with fewer assertions.
import type { Flag } from '../contract/events/shared.ts'

interface Language {
  files: RegExp
  skips: RegExp
  xfails?: RegExp
  assertions: RegExp
  comments: RegExp
}

const HASH = /(^|\s)#(?!\[).*$/gm
const SLASHES = /(^|[^:])\/\/.*$|\/\*[\s\S]*?\*\//gm

const LANGUAGES: Language[] = [
  {
    files: /\.py$/,
    skips:
      /@(?:pytest\.mark|unittest|mark)\.skip\w*|\bpytest\.(?:skip|importorskip|exit)\s*\(|\bself\.skipTest\s*\(|\bSkipTest\b|\bmark\.skip\w*|\bcollect_ignore\w*|\b__test__\s*=\s*False/g,
    xfails: /\bmark\.xfail\b|\bpytest\.xfail\s*\(|@(?:unittest\.)?expectedFailure\b/g,
    assertions:
      /(?:^|[\s;:])assert\b|\bself\.assert\w+\s*\(|\bpytest\.(?:raises|warns|approx)\b|\bself\.fail\s*\(/gm,
    comments: HASH,
  },
  {
    files: /\.[cm]?[jt]sx?$/,
    skips:
      /\b(?:it|test|describe|suite|context|specify|bench|Deno\.test|t)\.(?:skip|todo|only|skipIf|runIf|ignore)\b|\b(?:xit|xtest|xdescribe|xcontext|fit|fdescribe|ftest)\s*\(|\b(?:skip|todo|only|ignore)\s*:\s*(?:true|['"`])|\bthis\.skip\s*\(|\bt\.(?:skip|todo)\s*\(/g,
    xfails: /\b(?:it|test)\.(?:fails|failing)\b|\bfails\s*:\s*true/g,
    assertions:
      /\bexpect\s*\(|\bassert\w*\s*(?:\.\s*\w+\s*)?\(|\.should\b|\bt\.(?:is|deepEqual|equal|same|true|throws|ok)\s*\(/g,
    comments: SLASHES,
  },
  {
    files: /\.rs$/,
    skips: /#\s*\[\s*ignore\b|#\s*\[\s*cfg_attr\s*\([^)]*\bignore\b/g,
    xfails: /#\s*\[\s*should_panic\b/g,
    assertions: /\b(?:debug_)?assert\w*!|\bpanic!|\bprop_assert\w*!|\.unwrap_err\s*\(/g,
    comments: SLASHES,
  },
  {
    files: /\.go$/,
    skips: /\b[tb]\.Skip(?:f|Now)?\s*\(|\btesting\.Short\s*\(|^\/\/\s*(?:go:build|\+build)\b/gm,
    assertions: /\b[tb]\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\s*\(|\b(?:assert|require)\.\w+\s*\(/g,
    comments: /(^|[^:])\/\/(?!go:build| \+build).*$|\/\*[\s\S]*?\*\//gm,
  },
  {
    files: /\.(?:java|kt|scala|groovy)$/,
    skips: /@(?:Ignore|Disabled\w*)\b|\bassume\w+\s*\(/g,
    xfails: /@PendingFeature\b/g,
    assertions: /\bassert\w*\s*\(|\bverify\s*\(|\bshould\w*\b|\bfail\s*\(/g,
    comments: SLASHES,
  },
  {
    files: /\.(?:cs|fs|vb)$/,
    skips: /\bSkip\s*=\s*"|\[\s*Ignore\b|\[\s*Explicit\b/g,
    assertions: /\bAssert\.\w+|\.Should\s*\(/g,
    comments: SLASHES,
  },
  {
    files: /\.rb$/,
    skips:
      /\b(?:xit|xdescribe|xcontext|fit|fdescribe|pending|skip)\b|\b(?:skip|pending|focus):\s*(?:true|['"])/g,
    assertions: /\bexpect\s*[({]|\bassert\w*\b|\brefute\w*\b|\.should\b/g,
    comments: HASH,
  },
  {
    files: /\.php$/,
    skips: /\bmarkTest(?:Skipped|Incomplete)\s*\(|->(?:skip|todo|only)\s*\(/g,
    assertions: /\bassert\w*\s*\(|\bexpect\s*\(|->expectException\w*\s*\(/g,
    comments: SLASHES,
  },
  {
    files: /\.(?:sh|bash|bats|zsh)$/,
    skips: /^\s*skip\b|^\s*exit\s+0\b/gm,
    assertions: /(?:^|[\s;&|(])(?:test|\[\[?|grep|diff|cmp|assert\w*|refute\w*|exit\s+[1-9])(?=\s|$)/gm,
    comments: HASH,
  },
]

/** `current` is null when the file was deleted, which is said by itself. */
export function changesInTest(path: string, base: string, current: string | null): Flag[] {
  const language = LANGUAGES.find(({ files }) => files.test(path))
  if (!language || current === null) return []
  const [before, after] = [countsOf(language, base), countsOf(language, current)]
  const flags: Flag[] = []
  const skips = after.skips - before.skips
  if (skips > 0) {
    const detail = `${path} has ${after.skips} marks that skip tests or leave others out, ${before.skips} at the start.`
    flags.push({ code: 'test_skipped', path, detail })
  }
  if (after.xfails > before.xfails) {
    const detail = `${path} expects ${after.xfails} tests to fail, ${before.xfails} at the start.`
    flags.push({ code: 'xfail_added', path, detail })
  }
  if (after.assertions < before.assertions) {
    const detail = `${path} has ${after.assertions} assertions, ${before.assertions} at the start.`
    flags.push({ code: 'assertions_removed', path, detail })
  }
  return flags
}

function countsOf({ skips, xfails, assertions, comments }: Language, text: string) {
  // What is only a comment asserts nothing.
  const code = text.replace(comments, '$1')
  const count = (pattern: RegExp | undefined) => (pattern ? (code.match(pattern)?.length ?? 0) : 0)
  return { skips: count(skips), xfails: count(xfails), assertions: count(assertions) }
}
