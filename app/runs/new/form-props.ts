import type { FormErrors, NewRunForm } from '#lib/client/new-run'

/** What each group of fields gets: the form, the way to change it, and what is wrong by JSON pointer. */
export interface FormProps {
  form: NewRunForm
  set(changes: Partial<NewRunForm>): void
  errors: FormErrors
}
