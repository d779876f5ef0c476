import { EditorView } from '@codemirror/view'

/**
 * Replaces selected text by what is typed over it, before the browser does. It would keep the look of what was there by
 * an element with a style of its own, which the policy of the page refuses.
 */
export const replaceSelected = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { inputType, data, isComposing } = event
    if (inputType !== 'insertText' || data === null || isComposing || view.composing) return false
    const selection = document.getSelection()
    if (!selection || selection.isCollapsed || !view.contentDOM.contains(selection.anchorNode)) return false
    // Of the browser: the editor may not have heard of the newest one yet.
    const range = selection.getRangeAt(0)
    const from = view.posAtDOM(range.startContainer, range.startOffset)
    const to = view.posAtDOM(range.endContainer, range.endOffset)
    if (from >= to) return false
    const insert = () =>
      view.state.update({
        changes: { from, to, insert: data },
        selection: { anchor: from + data.length },
        scrollIntoView: true,
        userEvent: 'input.type',
      })
    const handlers = view.state.facet(EditorView.inputHandler)
    if (!handlers.some((handle) => handle(view, from, to, data, insert))) view.dispatch(insert())
    event.preventDefault()
    return true
  },
})
