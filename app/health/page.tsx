import type { Metadata } from 'next'
import { runtime } from '#lib/runtime'
import { HealthPage } from './health-page.tsx'

export const metadata: Metadata = { title: 'Health' }

export default async function Page() {
  const { info, models, logs } = runtime()
  return (
    <HealthPage
      initial={{ server: await info(), models: models.list() }}
      log={logs({ level: 'info', limit: 200 })}
    />
  )
}
