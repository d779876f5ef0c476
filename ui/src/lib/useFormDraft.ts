import { useEffect, useRef, useState } from 'react'
import { dropDraft, keepDraft, readDrafts, type FormDraft } from './formDrafts.ts'

const PAUSE_MS = 400

/**
 * Keeps what is typed into a form in this browser until it is saved or discarded, and offers what was kept on an earlier
 * visit.
 *
 * @param name of the form, such as the id of what it edits
 * @param form and what it is without changes; its fields are text
 */
export function useFormDraft<Form extends Record<string, string>>({
  name,
  revision,
  form,
  initial,
}: {
  name: string
  revision: number
  form: Form
  initial: Form
}) {
  const [id] = useState(newVisit)
  const [offers, setOffers] = useState(() => readDrafts(name).filter((one) => isChange(one, initial)))
  const [isKept, setKept] = useState(false)
  const isDropped = useRef(false)
  const isDirty = Object.keys(initial).some((field) => form[field] !== initial[field])

  // Before the page is gone, and soon after each change.
  useEffect(() => {
    if (!isDirty) {
      dropDraft(name, id)
      setKept(false)
      return undefined
    }
    const keep = (): void => {
      if (!isDropped.current) setKept(keepDraft(name, { id, revision, form }, initial))
    }
    const timer = setTimeout(keep, PAUSE_MS)
    window.addEventListener('pagehide', keep)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('pagehide', keep)
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- a new object with the same text changes nothing
  }, [name, id, revision, isDirty, JSON.stringify(form)])

  return {
    /** The newest draft of an earlier visit. */
    offer: offers[0],
    /** Takes it from the list: it was restored, or discarded. */
    settle(): void {
      const [first] = offers
      if (first) dropDraft(name, first.id)
      setOffers(offers.slice(1))
    },
    /** Forgets the present changes: they were saved in another place. */
    drop(): void {
      isDropped.current = true
      dropDraft(name, id)
    },
    /** The present changes are kept in this browser. */
    isKept,
  }
}

function isChange({ form }: FormDraft, initial: Record<string, string>): boolean {
  return Object.keys(initial).some((field) => form[field] !== undefined && form[field] !== initial[field])
}

function newVisit(): string {
  return `${Date.now()}-${Math.random().toString(36).slice(2)}`
}
