import type { Metadata } from 'next'
import { ButtonLink } from './_ui/button.tsx'
import { Main } from './_ui/main.tsx'
import { Empty } from './_ui/panel.tsx'
import { TopBar } from './_ui/top-bar.tsx'

export const metadata: Metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <>
      <TopBar crumbs={[{ label: 'Not found' }]} />
      <Main>
        <Empty
          title="There is nothing at this address"
          actions={<ButtonLink href="/runs">All runs</ButtonLink>}
        >
          The link may be cut short, or the run was started on another server.
        </Empty>
      </Main>
    </>
  )
}
