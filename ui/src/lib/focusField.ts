/** Moves the focus to the input of a form's field, by its `data-field`. A part of the page that hides it is opened. */
export function focusField(field: string): void {
  const input = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(field)}"]`)
  const folded = input?.closest('details')
  if (folded) folded.open = true
  input?.focus()
}
