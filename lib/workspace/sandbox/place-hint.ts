// What is said to a program that misses a file which lies outside what the sandbox shows: it may well be there on the machine.
import { contains } from './bwrap-args.ts'

/** Shells, Python, Node and the usual tools, each with its own word order. */
const MISSING = [
  /can't open file '(\/[^'\n]+)'/,
  /Cannot find module '(\/[^'\n]+)'/,
  /ENOENT: no such file or directory, \w+ '(\/[^'\n]+)'/,
  /No such file or directory: b?'(\/[^'\n]+)'/,
  /cannot (?:access|open|stat) '?(\/[^'\n:]+)'?/,
  /(?:^|[\s:'"`])(\/[^\s:'"`]+)['"`]?: (?:No such file or directory|not found)/m,
]

/** Shown to commands as they are, so what is missing there is missing on the machine too. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/etc', '/opt', '/proc', '/dev', '/sys', '/nix']

/** The hint, when the output names a missing file outside the project; whether it exists is not looked at, nor told. */
export function placeHint(output: string, project: string): string | null {
  for (const pattern of MISSING) {
    const path = pattern.exec(output)?.[1]
    if (path === undefined || contains(project, path) || SYSTEM.some(place => contains(place, path))) continue
    return `[the sandbox shows the project, the system's programs and known toolchains; if ${path} lies elsewhere on the machine, let sandboxed commands read its folder (retrai serve --sandbox-read), or start the run with sandbox: "off"]`
  }
  return null
}
