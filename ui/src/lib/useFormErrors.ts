import { useMemo, useState } from 'react'
import { fieldErrors } from '../api/fieldErrors.ts'
import { useFocusFirst } from './useFocusFirst.ts'

/**
 * What is wrong with each field of a form: what the form found itself, or else what the server found in what was
 * sent last. The first of them gets the focus.
 *
 * @param names JSON pointers without their first slash, which are the `data-field` of the inputs
 */
export function useFormErrors<Field extends string>(serverError: unknown, names: readonly Field[]) {
  const [own, setOwn] = useState<Partial<Record<Field, string>>>({})
  const server = useMemo(() => fieldErrors(serverError, names), [serverError, names])
  const errors = Object.keys(own).length > 0 ? own : server.fields
  useFocusFirst(errors)
  return { errors, rest: server.rest, setOwn }
}
