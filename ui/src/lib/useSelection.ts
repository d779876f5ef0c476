import { useCallback, useMemo, useRef, useState } from 'react'

/** Items that are selected in a list, by their id. */
export type Selection<Item> = {
  items: ReadonlyMap<string, Item>
  /** Selects an item or deselects it; `extend` selects all from the last one touched on, or from `from` on. */
  toggle: (index: number, options?: { extend?: boolean; from?: number }) => void
  /** Replaces the selection. */
  set: (items: readonly Item[]) => void
  clear: () => void
}

/** Lets people select many items of a list. The selection stays when the list is refetched. */
export function useSelection<Item extends { id: string }>(list: readonly Item[]): Selection<Item> {
  const [items, setItems] = useState<ReadonlyMap<string, Item>>(new Map())
  const anchor = useRef<string>(undefined)
  const shown = useRef(list)
  shown.current = list

  const toggle = useCallback(
    (index: number, { extend = false, from: start }: { extend?: boolean; from?: number } = {}) => {
      const item = shown.current[index]
      if (!item) return
      if (extend && start !== undefined) anchor.current ??= shown.current[start]?.id
      const from = extend ? shown.current.findIndex(({ id }) => id === anchor.current) : -1
      setItems((before) => {
        const after = new Map(before)
        if (from === -1) {
          if (!after.delete(item.id)) after.set(item.id, item)
          return after
        }
        for (const each of shown.current.slice(Math.min(from, index), Math.max(from, index) + 1)) {
          after.set(each.id, each)
        }
        return after
      })
      if (from === -1) anchor.current = item.id
    },
    [],
  )

  const set = useCallback(
    (chosen: readonly Item[]) => setItems(new Map(chosen.map((item) => [item.id, item]))),
    [],
  )
  const clear = useCallback(() => {
    anchor.current = undefined
    setItems(new Map())
  }, [])
  return useMemo(() => ({ items, toggle, set, clear }), [items, toggle, set, clear])
}
