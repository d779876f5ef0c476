import { useEffect, useRef } from 'react'
import { areKeysOn } from '../shell/keys/keySetting.ts'
import { GO_WITHIN_MS } from '../shell/keys/useKeys.ts'

/** What the keys of a list do. */
export type ListKeys = {
  /** How many items there are. */
  count: number
  /** The item that has the focus, or had it last; -1 for none. */
  current: () => number
  /** Moves the focus to an item. */
  focus: (index: number) => void
  /** Selects an item or deselects it; `extend` selects all from the last one on. */
  onToggle?: (index: number, options: { extend: boolean; from?: number }) => void
  /** Enter, if the focused part of the item does not handle it. */
  onOpen?: (index: number) => void
  /** Escape: clears the selection. */
  onEscape?: () => void
  /** Other keys, each for the current item. */
  actions?: Record<string, (index: number) => void>
  /** Keys that need no item. */
  anywhere?: Record<string, () => void>
}

/**
 * Keys of a list: j and k move down and up, x selects, with Shift from the last selected item on. Inactive while
 * someone types or a dialog is open.
 */
export function useListKeys(keys: ListKeys): void {
  const latest = useRef(keys)
  const goUntil = useRef(0)
  latest.current = keys

  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.defaultPrevented || !areKeysOn() || event.ctrlKey || event.metaKey || event.altKey) return
      // After g, the next letter opens a page: see useKeys.
      const isGoing = event.timeStamp < goUntil.current
      goUntil.current = event.key === 'g' ? event.timeStamp + GO_WITHIN_MS : 0
      if (isGoing || isTyping(event.target) || document.querySelector('[role="dialog"]')) return
      if (act(latest.current, event)) event.preventDefault()
    }
    // Before the keys of every page, because this list handles its own rows.
    window.addEventListener('keydown', onKey, { capture: true })
    return () => window.removeEventListener('keydown', onKey, { capture: true })
  }, [])
}

/** @returns whether the key was handled here */
function act(
  { count, current, focus, onToggle, onOpen, onEscape, actions, anywhere }: ListKeys,
  event: KeyboardEvent,
): boolean {
  const index = current()
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  if (key === 'Escape' && onEscape) {
    onEscape()
    return true
  }
  const always = event.shiftKey ? undefined : anywhere?.[key]
  if (always) {
    always()
    return true
  }
  if (count === 0) return false
  const last = count - 1
  if (key === 'j' || key === 'k') {
    const next = Math.max(0, Math.min(last, key === 'j' ? index + 1 : index - 1))
    if (event.shiftKey && index >= 0) onToggle?.(next, { extend: true, from: index })
    focus(next)
    return true
  }
  if (index < 0 || index > last) return false
  if (key === 'Enter') {
    const { target } = event
    const hasOwnUse = target instanceof HTMLAnchorElement || target instanceof HTMLButtonElement
    if (hasOwnUse || !onOpen) return false
    onOpen(index)
    return true
  }
  if (key === 'x' && onToggle) {
    onToggle(index, { extend: event.shiftKey })
    return true
  }
  const action = event.shiftKey ? undefined : actions?.[key]
  action?.(index)
  return action !== undefined
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type)
  return (
    target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  )
}
