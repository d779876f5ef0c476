import { useMemo, useState } from 'react'
import { fieldErrors } from '../api/fieldErrors.ts'
import { useFocusFirst } from './useFocusFirst.ts'

/**
 * The error of each form field: from the form's own checks, or else from the server about what was sent last. The first
 * field with an error gets the focus. `isMarked`: whether there is such a field; `rest`: errors that belong to no
 * field.
 *
 * @param names JSON pointers without their leading slash, which are the `data-field` of the inputs
 */
export function useFormErrors<Field extends string>(serverError: unknown, names: readonly Field[]) {
  const [own, setOwn] = useState<Partial<Record<Field, string>>>({})
  const server = useMemo(() => fieldErrors(serverError, names), [serverError, names])
  const errors = Object.keys(own).length > 0 ? own : server.fields
  useFocusFirst(errors)
  return { errors, isMarked: Object.keys(errors).length > 0, rest: server.rest, setOwn }
}
