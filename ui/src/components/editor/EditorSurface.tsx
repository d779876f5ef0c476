import { setDiagnostics } from '@codemirror/lint'
import { EditorView } from '@codemirror/view'
import { useEffect, useLayoutEffect, useRef } from 'react'
import type { EditorProps, Selection } from './editorProps.ts'
import { offsetOf, type Place } from './place.ts'
import { createState, fromOutside, setAttributes } from './editorState.ts'

type Props = Pick<EditorProps, 'language' | 'value' | 'onChange' | 'placeholder' | 'marks' | 'sample'> & {
  /** Of the element that takes the text. */
  attributes: Record<string, string>
  /** Where the cursor is to be; with it, the editor takes the focus when it appears. */
  selection: Selection
}

/** CodeMirror as a controlled React input. This module and what it imports are loaded apart from the pages. */
export function EditorSurface({
  language,
  value,
  onChange,
  placeholder = '',
  marks,
  sample,
  attributes,
  selection,
}: Props) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  // The last text that came from here: it comes back as the value, and must not undo what was typed since.
  const sent = useRef(value)
  const latest = useRef({ onChange, sample })
  useLayoutEffect(() => {
    latest.current = { onChange, sample }
  })

  // It is made once: what changes later is told to it below.
  const first = useRef({ value, placeholder, attributes, selection })
  useLayoutEffect(() => {
    if (!host.current) return
    const editor = new EditorView({
      parent: host.current,
      state: createState({
        ...first.current,
        language,
        readSample: () => latest.current.sample,
        onChange: (text) => {
          sent.current = text
          latest.current.onChange(text)
        },
      }),
    })
    view.current = editor
    if (first.current.selection) editor.focus()
    return () => {
      const { anchor, head } = editor.state.selection.main
      const selection = editor.hasFocus ? { anchor, head } : undefined
      first.current = { ...first.current, value: editor.state.doc.toString(), selection }
      editor.destroy()
    }
  }, [language])

  useLayoutEffect(() => {
    const editor = view.current
    if (!editor || value === sent.current) return
    sent.current = value
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: value },
      annotations: fromOutside.of(true),
    })
  }, [value])

  const serialized = JSON.stringify(attributes)
  useLayoutEffect(() => {
    view.current?.dispatch({ effects: setAttributes(JSON.parse(serialized) as Record<string, string>) })
  }, [serialized])

  useEffect(() => {
    const editor = view.current
    if (!editor || !marks) return
    const end = editor.state.doc.length
    const within = marks
      .filter(({ from }) => from <= end)
      .map((mark) => ({ ...mark, to: Math.min(mark.to, end) }))
    editor.dispatch(setDiagnostics(editor.state, within))
  }, [marks])

  return <div ref={host} />
}

/** Puts the cursor of an editor to a place in its text, and scrolls there. */
export function moveCursor(element: HTMLElement, place: Place): void {
  const view = EditorView.findFromDOM(element)
  if (!view) return
  const at = offsetOf(view.state.doc.toString(), place)
  view.focus()
  view.dispatch({ selection: { anchor: at }, scrollIntoView: true })
}
