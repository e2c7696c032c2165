'use client'
import { useState } from 'react'
import { compareSettings } from '#lib/client/compare-runs'
import { count } from '#lib/client/format'
import type { Run } from '#lib/contract/runs'
import { Panel } from '../_ui/panel.tsx'
import { Switch } from '../_ui/switch.tsx'
import { visible } from '../_ui/visible-text.ts'

/** What the two were asked for; at first only in what they differ. */
export function CompareConfig({ a, b }: { a: Run; b: Run }) {
  const [showsAll, setShowsAll] = useState(false)
  const settings = compareSettings(a, b)
  const different = settings.filter(row => row.isDifferent)
  const shown = showsAll ? settings : different
  return (
    <Panel
      title={
        different.length === 0
          ? 'The settings are the same'
          : count(different.length, 'setting differs', 'settings differ')
      }
    >
      <div className="border-b px-3 py-2">
        <Switch checked={showsAll} onChange={setShowsAll} label="Show the same ones too" />
      </div>
      {shown.length > 0 && (
        <table className="w-full table-fixed border-collapse">
          <caption className="sr-only">Settings of the two runs</caption>
          <thead>
            <tr className="border-b text-left text-muted">
              <th scope="col" className="w-1/4 px-3 py-1.5 font-medium">
                Setting
              </th>
              <th scope="col" className="px-2 py-1.5 font-medium">
                A
              </th>
              <th scope="col" className="px-2 py-1.5 font-medium">
                B
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map(row => (
              <tr key={row.name} className="border-b align-top last:border-0">
                <th scope="row" className="px-3 py-1.5 text-left font-normal text-muted">
                  {row.name}
                  {showsAll && row.isDifferent && <span className="text-text"> ≠</span>}
                </th>
                <td className="px-2 py-1.5 whitespace-pre-wrap">{visible(row.a)}</td>
                <td className="px-2 py-1.5 whitespace-pre-wrap">{visible(row.b)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
