import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

/**
 * Focuses the content when another page opens, so that it is read aloud and the keyboard continues there. The tabs of
 * one item count as one page.
 */
export function useFocusOnNavigation() {
  const main = useRef<HTMLElement>(null)
  const page = useRouterState({
    select: ({ resolvedLocation }) => resolvedLocation?.pathname.split('/').slice(0, 3).join('/'),
  })
  const before = useRef(page)
  useEffect(() => {
    // A dialog that was opened in the meantime keeps the focus.
    const isTaken = document.querySelector('[role="dialog"]') !== null
    if (before.current !== undefined && before.current !== page && !isTaken) {
      main.current?.focus({ preventScroll: true })
    }
    before.current = page
  }, [page])
  return main
}
