// Panes whose width a person chooses: kept in a cookie, so that the server renders them as they were left and nothing jumps. Widths
// go in steps, each a class: the pages' policy forbids style attributes in HTML.

export const PANES_COOKIE = 'retrai_panes'

export const PANES = {
  rail: {
    widths: [160, 176, 192, 208, 240, 288, 336],
    usual: 208,
    startsOpen: true,
  },
  inspector: {
    widths: [288, 320, 352, 384, 432, 480, 544, 608, 704, 800],
    usual: 352,
    startsOpen: false,
  },
} as const

export type PaneName = keyof typeof PANES
export interface Pane {
  width: number
  open: boolean
}
export type Panes = Record<PaneName, Pane>

/** The class of each width; whole words, because the stylesheet is made of those it finds. */
const WIDTH_CLASS: Record<number, string> = {
  160: 'w-[160px]',
  176: 'w-[176px]',
  192: 'w-[192px]',
  208: 'w-[208px]',
  240: 'w-[240px]',
  288: 'w-[288px]',
  320: 'w-[320px]',
  336: 'w-[336px]',
  352: 'w-[352px]',
  384: 'w-[384px]',
  432: 'w-[432px]',
  480: 'w-[480px]',
  544: 'w-[544px]',
  608: 'w-[608px]',
  704: 'w-[704px]',
  800: 'w-[800px]',
}

export const widthClass = ({ width }: Pane): string => WIDTH_CLASS[width] ?? ''

/** `rail.208.1-inspector.352.0`; what cannot be read is as usual. */
export function readPanes(cookie: string | undefined): Panes {
  const kept = new Map<string, Pane>()
  for (const part of (cookie ?? '').split('-')) {
    const [, name, width, open] = /^(\w+)\.(\d{1,4})\.([01])$/.exec(part) ?? []
    if (name) kept.set(name, { width: Number(width), open: open === '1' })
  }
  const read = (name: PaneName): Pane => {
    const { usual, startsOpen } = PANES[name]
    const pane = kept.get(name)
    return pane
      ? { width: nearestWidth(name, pane.width), open: pane.open }
      : { width: usual, open: startsOpen }
  }
  return { rail: read('rail'), inspector: read('inspector') }
}

export const panesText = (panes: Panes): string =>
  Object.entries(panes)
    .map(([name, { width, open }]) => `${name}.${width}.${open ? 1 : 0}`)
    .join('-')

/** The step that a width is nearest to. */
export function nearestWidth(name: PaneName, width: number): number {
  const widths: readonly number[] = PANES[name].widths
  return widths.reduce((best, step) => (Math.abs(step - width) < Math.abs(best - width) ? step : best))
}

/** The next step, wider or narrower; the last one stays. */
export function stepWidth(name: PaneName, width: number, by: 1 | -1): number {
  const widths: readonly number[] = PANES[name].widths
  const at = widths.indexOf(nearestWidth(name, width)) + by
  return widths[Math.max(0, Math.min(widths.length - 1, at))] ?? width
}
