import type { Preview } from '../../../api/types.ts'
import type { EditorMark } from '../../../components/editor/editorProps.ts'
import { offsetOf } from '../../../components/editor/place.ts'

/** Where a preview found something in a template, as marks in its text. */
export function previewMarks(
  preview: Preview | undefined,
  template: 'instructions' | 'message',
  text: string,
): EditorMark[] {
  if (!preview) return []
  const found = [
    ...preview.faults.map((one) => ({ ...one, severity: 'error' as const })),
    ...preview.warnings.map((one) => ({ ...one, severity: 'warning' as const })),
  ]
  return found.flatMap(({ template: its, line, column, detail, severity }) => {
    if (its !== template || line === null || column === null) return []
    const from = offsetOf(text, { line, column })
    return [{ from, to: endOf(text, from), message: detail, severity }]
  })
}

/** The end of what begins there: of braces the whole part, otherwise of the path. */
function endOf(text: string, from: number): number {
  const [length] = /^(?:\{\{[^}]*\}?\}?|\{%[^%]*%?\}?|[\w.[\]"'-]+)/.exec(text.slice(from, from + 200)) ?? [
    '.',
  ]
  return Math.min(from + length.length, text.length)
}
