import type { KeyboardEvent } from 'react'

const SCROLL_KEYS = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End']

/** For parts that scroll themselves: these keys move what has the focus, not the stream. */
export function keepScrollKeys(event: KeyboardEvent) {
  if (SCROLL_KEYS.includes(event.key)) event.stopPropagation()
}
