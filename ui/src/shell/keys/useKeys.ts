import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { PLACES } from '../places.ts'
import { areKeysOn } from './keySetting.ts'
import { focusSearch, moveRow } from './rows.ts'

/** How long after `g` a letter opens a page. */
export const GO_WITHIN_MS = 1_500

type Actions = { openPalette: () => void; openKeys: () => void }

/** The keys that work on every page. Inactive while someone types, and in a dialog. */
export function useKeys({ openPalette, openKeys }: Actions): void {
  const navigate = useNavigate()
  const goUntil = useRef(0)

  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.isComposing) return
      if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey) && !event.altKey) {
        event.preventDefault()
        return openPalette()
      }
      if (event.metaKey || event.ctrlKey || event.altKey || !areKeysOn() || isBusy(event.target)) return
      const isGoing = event.timeStamp < goUntil.current
      goUntil.current = 0
      const place = isGoing ? PLACES.find(({ key }) => key === event.key) : undefined
      if (place) return void navigate({ to: place.to })
      const act = actions[event.key]
      if (!act) return
      event.preventDefault()
      act(event)
    }
    const actions: Record<string, (event: KeyboardEvent) => void> = {
      j: () => moveRow(1),
      k: () => moveRow(-1),
      '/': () => void (focusSearch() || openPalette()),
      '?': openKeys,
      g: (event) => (goUntil.current = event.timeStamp + GO_WITHIN_MS),
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [navigate, openPalette, openKeys])
}

function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"]')) return true
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [contenteditable="true"], [role="listbox"]') !== null
  )
}
