import { RE2JS } from 're2js'

export type Pattern = {
  test(text: string): boolean
  toString(): string
  /** Its time is linear in the length of the text. */
  isLinear: boolean
}

/** The meaning of `\s` in JavaScript; RE2 has only the ASCII ones. */
const SPACE =
  '\\t\\n\\x{b}\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}'
const LINE_ENDS = '\\n\\r\\x{2028}\\x{2029}'

/**
 * Compiles the `pattern` of a JSON Schema to run in time linear in the length of the text. JavaScript's own engine
 * tries every way in which a text could match: `^(a+)+$` blocks it for minutes on thirty characters from a model, and
 * with it every other run of the process.
 *
 * Only that engine supports look-arounds and back-references, so patterns with these use it all the same, and are not
 * linear.
 *
 * @throws SyntaxError when it is not a valid JavaScript regular expression
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

/** Rewrites constructs that the two engines interpret differently. */
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
        if (inClass) throw new Error('has no equivalent within a character class')
        return `[^${SPACE}]`
      case '\\u':
        // Two surrogates, or the code point: only one of these has the same meaning.
        if (/\\ud[89a-f]/i.test(source)) throw new Error('is written as two surrogates')
        return part
      default:
        return part
    }
  })
}
