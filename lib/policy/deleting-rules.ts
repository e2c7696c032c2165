// Commands that delete: `rm`, `find -delete`, `mv`, in all their spellings; and the bomb.
import { partsOf } from './pattern.ts'
import { type Place, placeOf } from './places.ts'
import type { Context } from './rule.ts'
import { programOf, type ShellCall, textsOf } from './shell-call.ts'

type Around = Pick<Context, 'root' | 'home'>

/** Where each thing lies that the call deletes. */
function deletedBy(call: ShellCall, around: Around): Place[] {
  const parts = partsOf(call)
  const { args, options, program } = parts
  const at = (paths: string[]) => paths.map(path => placeOf(path, call.dir, around))
  switch (program) {
    case 'rm':
    case 'srm':
    case 'trash':
      return isRecursive(options) || program === 'trash'
        ? at(args)
        : at(args.filter(path => /[*?]/.test(path)))
    case 'rmdir':
    case 'unlink':
      return []
    case 'mv':
      return at(args.slice(0, -1))
    case 'rimraf':
    case 'del-cli':
    case 'shred':
    case 'wipe':
      return at(args)
    case 'rsync':
      return options.some(option => option.startsWith('--delete')) ? at(args.slice(-1)) : []
    case 'find': {
      const texts = textsOf(call)
      const deletes =
        texts.includes('-delete') ||
        texts.some(
          (text, i) =>
            /^-(exec|execdir|ok|okdir)$/.test(text) && /(^|\/)(rm|shred|unlink)$/.test(texts[i + 1] ?? ''),
        )
      return deletes && !isFiltered(texts) ? at(startsOf(texts)) : []
    }
    default:
      return []
  }
}

const isRecursive = (options: string[]) =>
  options.some(option =>
    option.startsWith('--') ? '--recursive'.startsWith(option) && option.length > 4 : /[rR]/.test(option),
  )

/** Places to begin at stand before the first test. */
function startsOf(texts: string[]): string[] {
  const to = texts.findIndex((text, i) => i > 0 && /^[-(!]/.test(text) && !/^-[HLPO]/.test(text))
  return texts.slice(1, to === -1 ? undefined : to).filter(text => !text.startsWith('-'))
}

const isFiltered = (texts: string[]) =>
  texts.some(text =>
    /^-(i?name|i?path|i?regex|[acm]time|[acm]min|newer\w*|size|user|empty|maxdepth)$/.test(text),
  )

export const deletesEverything = (call: ShellCall, context: Context) =>
  deletedBy(call, context).some(place => place === 'everything' || place === 'home')

export function deletesProject(call: ShellCall, context: Context): boolean {
  const places = deletedBy(call, context)
  if (places.includes('project') && programOf(call) !== 'mv' && programOf(call) !== 'rsync') return true
  // The history is what a mistake could be undone from.
  return (
    programOf(call) === 'rm' &&
    isRecursive(partsOf(call).options) &&
    partsOf(call).args.some(path => /^(\.\/)?\.git\/?$/.test(path)) &&
    call.dir === context.root
  )
}

export function deletesOutside(call: ShellCall, context: Context): boolean {
  if (programOf(call) === 'mv') return false
  if (deletedBy(call, context).includes('outside')) return true
  const texts = textsOf(call)
  const isFind = programOf(call) === 'find' && (texts.includes('-delete') || texts.includes('rm'))
  return (
    isFind &&
    startsOf(texts).some(path => ['everything', 'home', 'outside'].includes(placeOf(path, call.dir, context)))
  )
}

/** `:(){ :|:& };:`, by whatever name. */
export function isForkBomb(call: ShellCall): boolean {
  const program = programOf(call)
  if (/^(perl|ruby|python\d*|python\d\.\d+)$/.test(program))
    return textsOf(call).some(text =>
      /fork\s+while\s+(fork|1|true)|while\s*(\(?1\)?|True|true)\s*:?\s*(os\.)?fork|loop\s*\{\s*fork/.test(
        text,
      ),
    )
  if (call.inFunction === null || call.words[0]?.text !== call.inFunction) return false
  return call.isBackground || call.from?.words[0]?.text === call.inFunction
}
