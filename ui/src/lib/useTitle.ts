import { useEffect } from 'react'

/** Sets the page's title in the tab and in the history. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? 'Bellwire' : `${title} · Bellwire`
  }, [title])
}
