/** A provider's error message, extracted from any of its formats. */
export type ErrorWords = {
  message: string
  /** The provider's error class: type and code. */
  kind: string
  /** An HTTP status inside the error. */
  status: number | undefined
}

/** Nesting levels to search: an error in an error in an answer. */
const MAX_DEPTH = 6

/**
 * Extracts an error message: `error` as an object or a string, `message`, `detail` or `errors` at the top level, a list
 * with one error, FastAPI's list of fields. Undefined if there is none.
 */
export function errorWords(value: unknown, depth = 0): ErrorWords | undefined {
  if (typeof value === 'string') {
    const text = value.trim()
    // Some servers put the JSON of another one into a string.
    const inner = depth < MAX_DEPTH && /^[[{]/.test(text) ? parse(text) : undefined
    return (
      (inner === undefined ? undefined : errorWords(inner, depth + 1)) ??
      (text === '' ? undefined : { message: text, kind: '', status: undefined })
    )
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return undefined
  if (Array.isArray(value)) return wordsOfList(value, depth)
  const inner = ['error', 'message', 'msg', 'detail', 'details', 'errors', 'error_message']
    .filter((name) => name in value)
    .flatMap((name) => errorWords(Reflect.get(value, name), depth + 1) ?? [])[0]
  const own = { kind: kindOf(value), status: statusOf(value) }
  if (!inner) return own.kind === '' ? undefined : { message: '', ...own }
  const place = placeOf(value)
  return {
    message: place === '' ? inner.message : `${place}: ${inner.message}`,
    kind: [inner.kind, own.kind].filter((kind) => kind !== '').join(' '),
    status: inner.status ?? own.status,
  }
}

/**
 * The message of an error in place of an answer: at the top level, or in its first choice. Undefined for an answer.
 */
export function reportedError(answer: unknown): ErrorWords | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  const { error, object, choices, usage, message, detail } = answer as Record<string, unknown>
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined
  const inChoice = typeof choice === 'object' && choice !== null ? (choice as Record<string, unknown>) : {}
  if (isSaid(error) || object === 'error') return errorWords(answer) ?? NO_WORDS
  const isWords = typeof message === 'string' || isSaid(detail)
  if (choices === undefined && usage === undefined && isWords) return errorWords(answer) ?? NO_WORDS
  if (isSaid(inChoice['error'])) return errorWords(inChoice['error']) ?? NO_WORDS
  if (inChoice['finish_reason'] === 'error') return NO_WORDS
  return undefined
}

const NO_WORDS: ErrorWords = { message: '', kind: '', status: undefined }

function isSaid(error: unknown): boolean {
  return error !== undefined && error !== null && error !== false && error !== ''
}

function wordsOfList(list: unknown[], depth: number): ErrorWords | undefined {
  const found = list.slice(0, 5).flatMap((item) => errorWords(item, depth + 1) ?? [])
  const [first] = found
  return first && { ...first, message: found.map(({ message }) => message).join('; ') }
}

function kindOf(value: object): string {
  return ['type', 'code', 'status', 'reason']
    .map((name): unknown => Reflect.get(value, name))
    .filter((part) => typeof part === 'string' && part !== '')
    .join(' ')
}

function statusOf(value: object): number | undefined {
  for (const name of ['code', 'status', 'status_code']) {
    const number = Number(Reflect.get(value, name) ?? Number.NaN)
    if (Number.isInteger(number) && number >= 400 && number <= 599) return number
  }
  return undefined
}

/** The location of an invalid field in FastAPI's format. */
function placeOf(value: object): string {
  const place: unknown = Reflect.get(value, 'loc')
  return Array.isArray(place) ? place.map(String).join('.') : ''
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
