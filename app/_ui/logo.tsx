/** A loop that closes in a check. */
export function Logo() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" fill="none" aria-hidden="true" className="shrink-0">
      <path
        d="M16.9 8.2a7.2 7.2 0 1 0 .1 3.3"
        className="stroke-accent"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
      <path
        d="m6.6 10 2.6 2.6 7-7.2"
        className="stroke-text"
        strokeWidth="2.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
