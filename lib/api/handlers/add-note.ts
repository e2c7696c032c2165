import { addNote } from '#lib/contract/runs'
import { handler } from '../route.ts'

export const handleAddNote = handler(addNote, ({ params, body, runtime, caller }) =>
  runtime.runs.addNote(params.run_id, body.text, caller),
)
