import { Field, Input, Select } from '../../_ui/field.tsx'
import type { FormProps } from './form-props.ts'

type Form = FormProps['form']

const MODES: [Form['gate'], string][] = [
  ['off', 'Off: it goes on by itself'],
  ['each', 'After each iteration'],
  ['flags', 'Only when there is something to look at (⚠)'],
]
const UNANSWERED: [Form['on_timeout'], string][] = [
  ['wait', 'Wait'],
  ['abort', 'Abort the run'],
  ['approve', 'Approve and go on'],
]

/** When the run stops for a person, and what happens when nobody comes. */
export function GateFields({ form, set, errors }: FormProps) {
  const isGated = form.gate !== 'off'
  const isTimed = isGated && form.on_timeout !== 'wait'
  return (
    <fieldset>
      <legend className="sr-only">Human gate</legend>
      <div className="grid items-start gap-3 @2xl:grid-cols-[2fr_1fr_5rem]">
        <Field
          label="Human gate"
          hint={isGated && 'The run waits with its diff and its check until you approve it or abort.'}
        >
          {ids => (
            <Select
              {...ids}
              className="w-full"
              value={form.gate}
              onChange={event => set({ gate: event.currentTarget.value as Form['gate'] })} // one of MODES
            >
              {MODES.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {isGated && (
          <Field label="If nobody answers">
            {ids => (
              <Select
                {...ids}
                className="w-full"
                value={form.on_timeout}
                onChange={event => set({ on_timeout: event.currentTarget.value as Form['on_timeout'] })} // one of UNANSWERED
              >
                {UNANSWERED.map(([value, words]) => (
                  <option key={value} value={value}>
                    {words}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        {isTimed && (
          <Field label="After, minutes" error={errors['/gate_policy/timeout_minutes']}>
            {ids => (
              <Input
                {...ids}
                inputMode="decimal"
                value={form.gate_timeout}
                placeholder="30"
                onChange={event => set({ gate_timeout: event.currentTarget.value })}
              />
            )}
          </Field>
        )}
      </div>
    </fieldset>
  )
}
