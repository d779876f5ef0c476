import { useLocation } from '@tanstack/react-router'
import { useEffect } from 'react'

/** Scrolls to a part of the page that a link named, once it is there: what is loaded comes after the page. */
export function useScrollToHash(id: string): void {
  const isMeant = useLocation({ select: ({ hash }) => hash === id })
  useEffect(() => {
    if (isMeant) document.getElementById(id)?.scrollIntoView()
  }, [isMeant, id])
}
