import type { Metadata } from 'next'
import { originOfRequest } from '../../_ui/origin.ts'
import { ApiPage } from './api-page.tsx'

export const metadata: Metadata = { title: 'API' }

export default async function Page() {
  return <ApiPage origin={await originOfRequest()} />
}
