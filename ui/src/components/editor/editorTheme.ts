import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/**
 * The look of the text and of what opens over it, by the variables of the theme: so light and dark need no second one.
 * The frame around it is in Editor.module.css.
 */
export const look = EditorView.theme({
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'inherit', lineHeight: 'inherit' },
  '.cm-content': { padding: 'var(--editor-pad) 0', caretColor: 'var(--bw-ink)' },
  '.cm-line': { padding: '0 0.75rem' },
  '.cm-placeholder': { color: 'var(--bw-dim)' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--bw-dim)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '2.25rem', padding: '0 0 0 0.5rem' },
  '.cm-gutters + .cm-content .cm-line': { paddingInlineStart: '0.6rem' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--bw-brass-soft)', outline: 'none' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--bw-bad-soft)', outline: 'none' },
  // Not an image, as in the base theme: the policy of the page takes no data: URLs.
  '.cm-lintRange': { backgroundImage: 'none', paddingBottom: '0', textUnderlineOffset: '0.2em' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'wavy underline 1px var(--bw-bad)' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'wavy underline 1px var(--bw-brass)' },
  '.cm-lintRange-active': { backgroundColor: 'var(--bw-hover)' },
  '.cm-lintPoint:after': { borderBottomColor: 'var(--bw-bad)' },
  '.cm-lintPoint-warning:after': { borderBottomColor: 'var(--bw-brass)' },
  '.cm-tooltip': {
    border: '1px solid var(--bw-line)',
    borderRadius: 'var(--mantine-radius-sm)',
    backgroundColor: 'var(--bw-surface)',
    color: 'var(--bw-ink)',
    boxShadow: '0 4px 16px rgb(23 27 25 / 12%)',
    zIndex: '210',
  },
  '.cm-diagnostic': {
    padding: '0.4rem 0.6rem',
    fontFamily: 'var(--mantine-font-family)',
    fontSize: 'var(--mantine-font-size-xs)',
  },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--bw-bad)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--bw-brass)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--mantine-font-family-monospace)',
    fontSize: 'var(--mantine-font-size-xs)',
    minWidth: 'min(14rem, 80vw)',
    maxWidth: 'min(36rem, 92vw)',
    maxHeight: '15rem',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.3rem 0.6rem', lineHeight: '1.4' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    background: 'var(--bw-ink)',
    color: 'var(--bw-on-ink)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionDetail': { marginLeft: '1rem', fontStyle: 'normal', color: 'var(--bw-dim)' },
  'li[aria-selected] .cm-completionDetail': { color: 'inherit' },
})

/** The colours of code are those of every other code on the pages. */
export const highlighting = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.propertyName, tags.keyword, tags.tagName], color: 'var(--bw-code-key)' },
    { tag: tags.string, color: 'var(--bw-code-text)' },
    {
      tag: [tags.number, tags.bool, tags.null, tags.function(tags.variableName)],
      color: 'var(--bw-code-value)',
    },
    { tag: tags.variableName, color: 'var(--bw-code-key)' },
    { tag: tags.bracket, color: 'var(--bw-focus)' },
    { tag: [tags.comment, tags.quote], color: 'var(--bw-dim)' },
    { tag: [tags.heading, tags.strong], fontWeight: '700' },
    { tag: tags.emphasis, fontStyle: 'italic' },
    { tag: [tags.monospace, tags.list], color: 'var(--bw-dim)' },
  ]),
)
