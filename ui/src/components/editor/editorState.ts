import { autocompletion, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language'
import { Annotation, Compartment, EditorState, type Extension, type StateEffect } from '@codemirror/state'
import { EditorView, keymap, lineNumbers, placeholder as showPlaceholder } from '@codemirror/view'
import { styleNonce } from '../../lib/styleNonce.ts'
import type { EditorProps, Selection } from './editorProps.ts'
import { highlighting, look } from './editorTheme.ts'
import { liquid } from './liquid.ts'
import { replaceSelected } from './replaceSelected.ts'
import type { CompletionSample } from './sample.ts'
import { templateCompletions } from './templateCompletions.ts'

/** Marks a change of the text that the person in front of it did not make. */
export const fromOutside = Annotation.define<boolean>()

const attributesOf = new Compartment()

/** Sets the attributes of the element that takes the text. */
export function setAttributes(attributes: Record<string, string>): StateEffect<unknown> {
  return attributesOf.reconfigure(EditorView.contentAttributes.of(attributes))
}

/**
 * The state of a new editor. Tab and Shift Tab are not bound, so that they lead to the next field as everywhere;
 * `Ctrl ]` and `Ctrl [` indent.
 */
export function createState({
  language,
  value,
  selection,
  placeholder,
  attributes,
  readSample,
  onChange,
}: {
  language: EditorProps['language']
  value: string
  selection: Selection
  placeholder: string
  attributes: Record<string, string>
  /** What there is to complete, at the moment of asking. */
  readSample: () => CompletionSample | undefined
  onChange: (text: string) => void
}): EditorState {
  return EditorState.create({
    doc: value,
    ...(selection ? { selection: clamp(selection, value.length) } : {}),
    extensions: [
      EditorView.cspNonce.of(styleNonce),
      look,
      highlighting,
      EditorView.lineWrapping,
      EditorState.tabSize.of(2),
      indentUnit.of('  '),
      history(),
      replaceSelected,
      LANGUAGES[language](readSample),
      showPlaceholder(placeholder),
      keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
      attributesOf.of(EditorView.contentAttributes.of(attributes)),
      EditorView.updateListener.of((update) => {
        const isOwn = !update.transactions.some((one) => one.annotation(fromOutside))
        if (update.docChanged && isOwn) onChange(update.state.doc.toString())
      }),
    ],
  })
}

const LANGUAGES: Record<
  EditorProps['language'],
  (readSample: () => CompletionSample | undefined) => Extension
> = {
  json: () => [json(), lineNumbers(), bracketMatching(), indentOnInput()],
  liquid: (readSample) => [
    liquid,
    EditorView.contentAttributes.of({ spellcheck: 'true', autocorrect: 'on', autocapitalize: 'on' }),
    autocompletion({ override: [templateCompletions(readSample)], icons: false }),
  ],
}

function clamp({ anchor, head }: NonNullable<Selection>, length: number): NonNullable<Selection> {
  return { anchor: Math.min(anchor, length), head: Math.min(head, length) }
}
