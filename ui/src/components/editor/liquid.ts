import { StreamLanguage, type StringStream } from '@codemirror/language'

/** Where the tokenizer is: in text, in an output or a tag, or in a block whose content is left alone. */
type State = {
  inside: '}}' | '%}' | undefined
  /** The first word of a tag, and what follows a pipe, have colours of their own. */
  expects: 'tag' | 'filter' | undefined
  /** The tag that ends a block of raw text or a comment. */
  until: string | undefined
  isCode: boolean
}

const WORDS = new Set(
  'and or contains in true false nil null empty blank with for as reversed limit offset by'.split(' '),
)

/** Liquid in Markdown: enough of both to be read at a glance. Whether a template is valid is for the server to say. */
export const liquid = StreamLanguage.define<State>({
  name: 'liquid',
  startState: () => ({ inside: undefined, expects: undefined, until: undefined, isCode: false }),
  copyState: (state) => ({ ...state }),
  token: (stream, state) => (state.inside ? inTag(stream, state) : inText(stream, state)),
})

function inTag(stream: StringStream, state: State): string | null {
  if (stream.eatSpace()) return null
  if (stream.match(state.inside === '}}' ? /^-?\}\}/ : /^-?%\}/)) {
    state.inside = undefined
    state.expects = undefined
    return 'bracket'
  }
  if (stream.match(/^(?:"[^"]*"?|'[^']*'?)/)) return 'string'
  if (stream.match(/^-?\d+(?:\.\d+)?/)) return 'number'
  if (stream.match('|')) {
    state.expects = 'filter'
    return 'operator'
  }
  const word = stream.match(/^[A-Za-z_][\w-]*\??/)
  if (word && typeof word === 'object') return wordIn(state, word[0])
  stream.next()
  return null
}

function wordIn(state: State, word: string): string {
  const { expects } = state
  state.expects = undefined
  if (expects === 'filter') return 'variableName.function'
  if (expects === 'tag') {
    if (word === 'raw' || word === 'comment') state.until = `end${word}`
    return 'keyword'
  }
  return WORDS.has(word) ? 'keyword' : 'variableName'
}

function inText(stream: StringStream, state: State): string | null {
  if (state.until !== undefined) return inBlock(stream, state, state.until)
  const open = stream.match(/^\{\{-?|^\{%-?/)
  if (open && typeof open === 'object') {
    state.inside = open[0].startsWith('{{') ? '}}' : '%}'
    state.expects = state.inside === '%}' ? 'tag' : undefined
    return 'bracket'
  }
  return markdown(stream, state)
}

/** The content of `raw` and `comment`. */
function inBlock(stream: StringStream, state: State, until: string): string {
  if (stream.match(new RegExp(`^\\{%-?\\s*(?=${until}\\b)`))) {
    state.until = undefined
    state.inside = '%}'
    state.expects = 'tag'
    return 'bracket'
  }
  stream.next()
  stream.eatWhile(/[^{]/)
  return until === 'endcomment' ? 'comment' : 'monospace'
}

function markdown(stream: StringStream, state: State): string | null {
  if (stream.sol() && stream.match(/^\s*(?:```|~~~)/)) {
    state.isCode = !state.isCode
    stream.eatWhile(/[^{]/)
    return 'monospace'
  }
  if (!state.isCode) {
    if (stream.sol() && stream.match(/^#{1,6}\s[^{]*/)) return 'heading'
    if (stream.sol() && stream.match(/^\s*>\s/)) return 'quote'
    if (stream.sol() && stream.match(/^\s*(?:[-*+]|\d{1,3}[.)])\s/)) return 'list'
    if (stream.match(/^`[^`{]+`/)) return 'monospace'
    if (stream.match(/^\*\*[^*{]+\*\*/)) return 'strong'
  }
  stream.next()
  stream.eatWhile(/[^{`*]/)
  return state.isCode ? 'monospace' : null
}
