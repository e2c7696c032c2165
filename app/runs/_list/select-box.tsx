import { useEffect, useRef } from 'react'

/** Selects a row, or all of them. Its label is its target: larger than the box, and above the link that the row is. */
export function SelectBox({
  label,
  checked,
  isMixed = false,
  onChange,
}: {
  label: string
  checked: boolean
  isMixed?: boolean
  onChange(isRange: boolean): void
}) {
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (box.current) box.current.indeterminate = isMixed
  }, [isMixed])
  return (
    <label className="relative z-10 flex h-7 w-10 items-center justify-center coarse:h-11 coarse:w-11 @max-2xl:h-full">
      <input
        ref={box}
        type="checkbox"
        aria-label={label}
        checked={checked}
        // A click with Shift selects a range; the event of a checkbox is the click.
        onChange={event => onChange(event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
        className="size-3.5 accent-accent coarse:size-5"
      />
    </label>
  )
}
