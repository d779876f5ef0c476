import { useEffect, useMemo, useState } from 'react'
import { fieldErrors } from '../../api/fieldErrors.ts'
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

  useEffect(() => {
    if (Object.keys(errors).length === 0) return
    for (const element of document.querySelectorAll<HTMLElement>('[data-field]')) {
      const field = element.dataset['field']
      if (field !== undefined && field in errors) {
        element.focus()
        return
      }
    }
  }, [errors])

  return { errors, rest: server.rest, setOwn }
}
