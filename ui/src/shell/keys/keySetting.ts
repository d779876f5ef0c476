import { useSyncExternalStore } from 'react'

const NAME = 'bellwire-keys'

const listeners = new Set<() => void>()

/** Whether single letters are shortcuts. People who use speech input, or who type by accident, can turn them off. */
export function areKeysOn(): boolean {
  return localStorage.getItem(NAME) !== 'off'
}

export function setKeysOn(on: boolean): void {
  if (on) localStorage.removeItem(NAME)
  else localStorage.setItem(NAME, 'off')
  for (const listener of listeners) listener()
}

export function useKeysOn(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, areKeysOn)
}
