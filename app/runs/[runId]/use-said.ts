import { useEffect, useState } from 'react'

/** A short answer to a key, gone by itself. */
export function useSaid(): [string, (words: string) => void] {
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), 1800)
    return () => clearTimeout(timer)
  }, [said])
  return [said, setSaid]
}
