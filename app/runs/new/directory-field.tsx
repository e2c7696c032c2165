import { CircleAlert, FolderCheck, FolderSearch } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useId, useState } from 'react'
import { Button } from '../../_ui/button.tsx'
import { Field, Input } from '../../_ui/field.tsx'
import type { FormProps } from './form-props.ts'
import type { Detection } from './use-detection.ts'

const FolderPicker = dynamic(() => import('./folder-picker.tsx').then(m => m.FolderPicker), { ssr: false })

export function DirectoryField({
  form,
  set,
  errors,
  directories,
  detection,
}: FormProps & { directories: string[]; detection: Detection }) {
  const list = useId()
  const [isChoosing, setChoosing] = useState(false)
  return (
    <div>
      <Field label="Project directory" error={errors['/cwd']} hint={<Found detection={detection} />}>
        {ids => (
          <div className="flex gap-2">
            <Input
              {...ids}
              value={form.cwd}
              list={list}
              spellCheck={false}
              autoCapitalize="off"
              autoComplete="off"
              placeholder="/absolute/path/on/the/server"
              className="font-mono text-mono"
              onChange={event => set({ cwd: event.currentTarget.value })}
            />
            <Button
              icon={<FolderSearch aria-hidden className="size-3.5" />}
              aria-haspopup="dialog"
              onClick={() => setChoosing(true)}
            >
              Choose…
            </Button>
          </div>
        )}
      </Field>
      <datalist id={list}>
        {directories.map(cwd => (
          <option key={cwd} value={cwd} />
        ))}
      </datalist>
      {isChoosing && (
        <FolderPicker
          start={form.cwd.trim()}
          recent={directories}
          onChoose={cwd => {
            set({ cwd })
            setChoosing(false)
          }}
          onClose={() => setChoosing(false)}
        />
      )}
    </div>
  )
}

function Found({ detection }: { detection: Detection }) {
  switch (detection.state) {
    case 'looking':
      return <span className="animate-late">Looking into it…</span>
    case 'failed':
      return (
        <span className="flex items-start gap-1 text-err">
          <CircleAlert aria-hidden className="mt-0.5 size-3 shrink-0" />
          {detection.reason}
        </span>
      )
    case 'found':
      return (
        <span className="flex items-start gap-1">
          <FolderCheck aria-hidden className="mt-0.5 size-3 shrink-0 text-ok" />
          {detection.git ? 'git repository' : 'not a git repository'}
          {detection.candidates.length === 0 && ', no known way to test it was found'}
        </span>
      )
  }
}
