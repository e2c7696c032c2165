import { useMemo } from 'react'
import { type NoticeSettings, readNoticeSettings } from '#lib/client/notices'
import { useStored } from './use-stored.ts'

/** What this browser is to be told of, and how. */
export function useNoticeSettings(): [NoticeSettings, (changes: Partial<NoticeSettings>) => void] {
  const [stored, setStored] = useStored('retrai.notices', '{}')
  const settings = useMemo(() => readNoticeSettings(stored), [stored])
  return [settings, changes => setStored(JSON.stringify({ ...settings, ...changes }))]
}
