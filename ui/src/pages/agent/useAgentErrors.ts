import { useMemo, useState } from 'react'
import { fieldErrors } from '../../api/fieldErrors.ts'
import { useFocusFirst } from '../../lib/useFocusFirst.ts'
import { fieldOf, pointers, type FormErrors } from './agentForm.ts'

/**
 * What is wrong with each field of the form: what the form found itself, or else what the server found in what
 * was sent last. The first of them gets the focus.
 */
export function useAgentErrors(serverError: unknown) {
  const [own, setOwn] = useState<FormErrors>({})
  const server = useMemo(() => {
    const { fields, rest } = fieldErrors(serverError, pointers)
    const errors: FormErrors = {}
    for (const [pointer, detail] of Object.entries(fields)) {
      const field = fieldOf(pointer)
      if (field && detail !== undefined) errors[field] = detail
    }
    return { errors, rest }
  }, [serverError])
  const errors = Object.keys(own).length > 0 ? own : server.errors

  useFocusFirst(errors)

  return { errors, rest: server.rest, setOwn }
}
