import type { ReactNode } from 'react'
import type { CompletionSample } from './sample.ts'

/** A range of the text that is marked, with what is wrong there. Offsets count UTF-16 units from 0. */
export type EditorMark = { from: number; to: number; message: string; severity: 'error' | 'warning' }

export type EditorProps = {
  label: string
  description?: ReactNode
  /** What is wrong with the whole field, as with any other input. */
  error?: ReactNode
  required?: boolean
  placeholder?: string
  /** The name by which a form finds the field to focus it: see `useFocusFirst`. */
  field?: string
  language: 'liquid' | 'json'
  value: string
  onChange: (value: string) => void
  /** Minimum number of lines, and the number of lines beyond which it scrolls. */
  minRows?: number
  maxRows?: number
  /** Underlined in the text; the message is shown on hover. */
  marks?: readonly EditorMark[]
  /** What a template can use; offered while the user types inside `{{ }}` and `{% %}`. */
  sample?: CompletionSample | undefined
}

/** Where the cursor was in the text area, if it was there. */
export type Selection = { anchor: number; head: number } | undefined
