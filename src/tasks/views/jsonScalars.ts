/** A scalar of a payload: the names of the fields that lead to it, without the places in lists, and its text. */
export type Scalar = { path: readonly string[]; value: string; isText: boolean; inList: boolean }

/** One token after white space. A string without an end is not a token, since the JSON was cut there. */
const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|(-?\d[\d.eE+-]*|true|false|null)|([{}[\],:]))/gsy

/** Maximum number of fields and scalars that are read; the beginning of a payload has no more that matter. */
const MAX_TOKENS = 2_000

type Level = { isList: boolean; name: string | undefined }

/** The scalars of JSON that may have been cut, in the order of the text. The one that was cut is left out. */
export function jsonScalars(json: string): Scalar[] {
  const found: Scalar[] = []
  const levels: Level[] = []
  let tokens = 0
  for (const match of json.matchAll(TOKEN)) {
    if ((tokens += 1) > MAX_TOKENS) break
    const [all, text, literal, mark] = match
    const level = levels.at(-1)
    if (mark === '{' || mark === '[') levels.push({ isList: mark === '[', name: undefined })
    else if (mark === '}' || mark === ']') {
      levels.pop()
      const outer = levels.at(-1)
      if (outer) outer.name = undefined
    } else if (mark !== undefined) continue
    else if (level && !level.isList && level.name === undefined) level.name = unescape(text ?? '')
    else {
      const isCut = literal !== undefined && level !== undefined && match.index + all.length === json.length
      if (!isCut) found.push(scalarAt(levels, text, literal))
      if (level) level.name = undefined
    }
  }
  return found
}

function scalarAt(levels: readonly Level[], text: string | undefined, literal: string | undefined): Scalar {
  return {
    path: levels.flatMap(({ isList, name }) => (isList || name === undefined ? [] : [name])),
    value: text === undefined ? (literal ?? '') : unescape(text),
    isText: text !== undefined,
    inList: levels.at(-1)?.isList ?? false,
  }
}

/** @param content what is between the quotes of a JSON string */
function unescape(content: string): string {
  try {
    return String(JSON.parse(`"${content}"`))
  } catch {
    return content
  }
}
