import { useEffect } from 'react'

/** Moves the focus to the first field, by its `data-field`, that has an error. */
export function useFocusFirst(errors: Record<string, unknown>): void {
  useEffect(() => {
    if (Object.keys(errors).length === 0) return
    for (const element of document.querySelectorAll<HTMLElement>('[data-field]')) {
      const field = element.dataset['field']
      if (field !== undefined && errors[field] !== undefined) {
        element.focus()
        return
      }
    }
  }, [errors])
}
