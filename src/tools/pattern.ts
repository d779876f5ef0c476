import { RE2JS } from 're2js'

export type Pattern = {
  test(text: string): boolean
  toString(): string
  /** Its time grows with the length of the text alone. */
  isLinear: boolean
}

/** What `\s` means in JavaScript; RE2 knows the ASCII ones only. */
const SPACE =
  '\\t\\n\\x{b}\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}'
const LINE_ENDS = '\\n\\r\\x{2028}\\x{2029}'

/**
 * Compiles the `pattern` of a JSON Schema so that its time grows with the length of the text alone. JavaScript's
 * own engine tries every way in which a text could match: `^(a+)+$` keeps it busy for minutes over thirty
 * characters that come from a model, and with it every other run of the process.
 *
 * Look-arounds and references to groups exist only there, so patterns with these go to it all the same, and are not
 * linear.
 *
 * @throws SyntaxError when it is no regular expression of JavaScript
 */
export function compilePattern(pattern: string, flags: string): Pattern {
  const native = new RegExp(pattern, flags)
  try {
    const linear = RE2JS.compile(RE2JS.translateRegExp(sameMeaning(native.source)))
    return { test: (text) => linear.test(text), toString: () => String(native), isLinear: true }
  } catch {
    return { test: (text) => native.test(text), toString: () => String(native), isLinear: false }
  }
}

/** Writes out what the two engines read in different ways. */
function sameMeaning(source: string): string {
  let inClass = false
  return source.replaceAll(/\\[^]|[[\].]/g, (part) => {
    switch (part) {
      case '[':
        inClass = true
        return part
      case ']':
        inClass = false
        return part
      case '.':
        return inClass ? part : `[^${LINE_ENDS}]`
      case '\\s':
        return inClass ? SPACE : `[${SPACE}]`
      case '\\S':
        if (inClass) throw new Error('has no like among the others of its class')
        return `[^${SPACE}]`
      case '\\u':
        // Halves of a character, or its number: only one of these means the same.
        if (/\\ud[89a-f]/i.test(source)) throw new Error('is written as two halves')
        return part
      default:
        return part
    }
  })
}
