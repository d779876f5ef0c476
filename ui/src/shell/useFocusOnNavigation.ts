import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

/**
 * Puts the focus on the content when another page has come, so that it is read aloud and the keyboard goes on
 * from there. The tabs of one thing are one page.
 */
export function useFocusOnNavigation() {
  const main = useRef<HTMLElement>(null)
  const page = useRouterState({
    select: ({ resolvedLocation }) => resolvedLocation?.pathname.split('/').slice(0, 3).join('/'),
  })
  const before = useRef(page)
  useEffect(() => {
    // Whoever has opened a dialog meanwhile types into that.
    const isTaken = document.querySelector('[role="dialog"]') !== null
    if (before.current !== undefined && before.current !== page && !isTaken) {
      main.current?.focus({ preventScroll: true })
    }
    before.current = page
  }, [page])
  return main
}
