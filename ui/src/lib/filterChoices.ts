/**
 * The choices of a filter: everything, or one of a list. The chosen one is included even if the list does not contain
 * it, because it was deleted or is on a later page.
 */
export function filterChoices(
  list: readonly { id: string; name: string }[],
  { all, other, chosen }: { all: string; other: string; chosen: string | undefined },
): { value: string; label: string }[] {
  return [
    { value: '', label: all },
    ...list.map(({ id, name }) => ({ value: id, label: name })),
    ...(chosen !== undefined && !list.some(({ id }) => id === chosen)
      ? [{ value: chosen, label: other }]
      : []),
  ]
}
