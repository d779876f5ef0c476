/** What becomes of a form when somebody else has saved while it was edited. */
export type Merge<Form> = {
  /** Both changes together; where they contradict each other, the one made here. */
  merged: Form
  /** Fields that only the other one changed: they are taken. */
  taken: (keyof Form & string)[]
  /** Fields that both changed, differently. */
  conflicts: (keyof Form & string)[]
}

/**
 * Merges a form with what was saved meanwhile, field by field.
 *
 * @param base what both began with
 * @param mine the form as it is here
 * @param theirs what is saved now
 */
export function mergeForms<Form extends Record<string, unknown>>(
  base: Form,
  mine: Form,
  theirs: Form,
): Merge<Form> {
  const result: Merge<Form> = { merged: { ...mine }, taken: [], conflicts: [] }
  const names: (keyof Form & string)[] = Object.keys(base)
  for (const name of names) {
    if (isSame(theirs[name], base[name]) || isSame(theirs[name], mine[name])) continue
    if (isSame(mine[name], base[name])) {
      result.merged[name] = theirs[name]
      result.taken.push(name)
    } else result.conflicts.push(name)
  }
  return result
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
