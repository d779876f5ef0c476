/** The merge of a form with what someone else saved while it was edited. */
export type Merge<Form> = {
  /** Both changes together; where they conflict, the one made here. */
  merged: Form
  /** Fields that only the other side changed: these are taken over. */
  taken: (keyof Form & string)[]
  /** Fields that both changed, to different values. */
  conflicts: (keyof Form & string)[]
}

/**
 * Merges a form with what was saved in the meantime, field by field.
 *
 * @param base what both started from
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
