import { offsetOf, type Place } from './place.ts'

/** Puts the cursor of the editor of a field to a place in its text. */
export function focusPlace(field: string, place: Place): void {
  const input = document.querySelector<HTMLElement>(`[data-field="${field}"]`)
  input?.focus()
  if (input instanceof HTMLTextAreaElement) {
    const at = offsetOf(input.value, place)
    input.setSelectionRange(at, at)
    return
  }
  if (input) {
    void import('./EditorSurface.tsx').then(({ moveCursor }) => moveCursor(input, place))
  }
}
