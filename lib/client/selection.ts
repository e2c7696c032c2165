// Which rows of a list are selected. Pure: the list says its order, the selection never changes it.

export interface Selection {
  ids: ReadonlySet<string>
  /** Where a range begins: the row that was selected or unselected last. */
  anchor: string | null
}

export const NOTHING_SELECTED: Selection = { ids: new Set(), anchor: null }

export function toggle({ ids }: Selection, id: string): Selection {
  const next = new Set(ids)
  if (!next.delete(id)) next.add(id)
  return { ids: next, anchor: id }
}

/** All rows between the anchor and `id`, both included; without an anchor in the list `id` alone. */
export function extendTo({ ids, anchor }: Selection, id: string, order: readonly string[]): Selection {
  const to = order.indexOf(id)
  if (to === -1) return { ids, anchor }
  const from = anchor === null ? -1 : order.indexOf(anchor)
  const start = from === -1 ? to : from
  const range = order.slice(Math.min(start, to), Math.max(start, to) + 1)
  // The anchor stays: the next range begins at the same row.
  return { ids: new Set([...ids, ...range]), anchor: from === -1 ? id : anchor }
}

/** All of them, or none when all are selected already. */
export function toggleAll({ ids }: Selection, order: readonly string[]): Selection {
  const hasAll = order.length > 0 && order.every(id => ids.has(id))
  return hasAll ? NOTHING_SELECTED : { ids: new Set(order), anchor: null }
}
