import { useState } from 'react'
import { mergeForms, type Merge } from './mergeForms.ts'

/** A form over something that others may save, too. */
export type MergedForm<Saved, Form extends Record<string, unknown>> = {
  /** What the form was made of: its version is what a save must match. */
  base: Saved
  form: Form
  setForm: (form: Form) => void
  /** The form without the changes made here. */
  initial: Form
  dirty: boolean
  /** Set while somebody else's save has to be looked at first: see MergeChanges. */
  merge: Merge<Form> | undefined
  /** The form of what is saved now. */
  theirs: Form
  /** Goes on from what is saved, with changes of its own or without. */
  continueFrom: (saved: Saved, form?: Form) => void
}

/**
 * Keeps a form, and merges into it what others save meanwhile. What does not concern the fields that were changed here
 * is taken over at once while nothing is changed.
 *
 * @param latest the newest that is known: not what the form was made of, when somebody else has saved meanwhile
 */
export function useMergedForm<Saved, Form extends Record<string, unknown>>({
  latest,
  isNewer,
  toForm,
}: {
  latest: Saved
  isNewer: (one: Saved, other: Saved) => boolean
  toForm: (saved: Saved) => Form
}): MergedForm<Saved, Form> {
  const [base, setBase] = useState(latest)
  const [form, setForm] = useState(() => toForm(latest))
  const initial = toForm(base)
  const theirs = toForm(latest)
  const dirty = JSON.stringify(form) !== JSON.stringify(initial)
  const merge = isNewer(latest, base) ? mergeForms(initial, form, theirs) : undefined
  const needsMerge = merge !== undefined && dirty && isOverlapping(merge)
  // Nothing that this form shows contradicts it: go on from there.
  if (merge && !needsMerge) continueFrom(latest, merge.merged)

  function continueFrom(saved: Saved, next = toForm(saved)): void {
    setBase(saved)
    setForm(next)
  }

  return {
    base,
    form,
    setForm,
    initial,
    dirty,
    merge: needsMerge ? merge : undefined,
    theirs,
    continueFrom,
  }
}

/** Whether what others have saved is anything that the form shows. */
export function isOverlapping({
  taken,
  conflicts,
}: {
  taken: readonly string[]
  conflicts: readonly string[]
}): boolean {
  return taken.length + conflicts.length > 0
}
