import { useDebouncedValue } from '@mantine/hooks'
import { useMemo } from 'react'
import { parseJson } from '../../lib/json.ts'
import { jsonFault } from '../../lib/jsonFault.ts'
import { Editor } from './Editor.tsx'
import type { EditorMark, EditorProps } from './editorProps.ts'

/** Whoever types JSON is in the middle of something: it is judged after a pause. */
const PAUSE_MS = 600

/** A field for JSON. What is not JSON is marked in the text, and said below it while there is no other error. */
export function JsonEditor({ error, ...props }: Omit<EditorProps, 'language' | 'marks' | 'sample'>) {
  const [judged] = useDebouncedValue(props.value, PAUSE_MS)
  const fault = useMemo(() => findFault(judged), [judged])
  const isCurrent = judged === props.value
  const marks = useMemo(() => (fault && isCurrent ? [fault] : []), [fault, isCurrent])
  // What a form said of JSON that could not be read is over when it can be.
  const isOver = typeof error === 'string' && error.startsWith('Invalid JSON') && parseJson(judged).ok
  const hasError = error !== undefined && error !== null && error !== '' && !isOver
  return (
    <Editor
      {...props}
      language="json"
      marks={marks}
      error={hasError ? error : isCurrent ? fault?.message : undefined}
    />
  )
}

/** Where a text stops being JSON, and what to say there; undefined for JSON, and for an empty field. */
function findFault(text: string): EditorMark | undefined {
  if (text.trim() === '') return undefined
  const parsed = parseJson(text)
  if (parsed.ok) return undefined
  const at = jsonFault(text) ?? 0
  // At the end nothing is there to be underlined: the last character is.
  const from = at >= text.length ? Math.max(0, text.trimEnd().length - 1) : at
  return { from, to: from + 1, message: parsed.error, severity: 'error' }
}
