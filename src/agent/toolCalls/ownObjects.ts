import { ExactNumber, parseExact } from '../../contract/exactJson.ts'
import { withoutTrailing } from '../../contract/withoutTrailing.ts'

/** Objects of one result that are kept, characters of each name, and values that are looked at. */
const MAX_OBJECTS = 50
const MAX_CHARACTERS = 500
const MAX_VALUES = 2_000

/** Fields in which APIs name what they have made; every other field may name something else. */
const NAMES = ['url', 'html_url', 'web_url', 'self', 'permalink', 'id', 'node_id', 'gid', 'ts', 'sid']

/** JSON texts that are parsed: MCP servers wrap them in a text. */
const MAX_TEXT = 64 * 1024

/**
 * Finds the URLs and ids of what a call of a write tool has made, in its result: of the outermost objects that have
 * some, whatever they are wrapped in. What these objects refer to is left out: the result of a comment also names the
 * issue that it is on, and the next event about that issue may be somebody else's.
 *
 * @example findOwnObjects({ body: { id: 7, url: 'https://x/7', issue: { id: 1 } } }) → ['https://x/7', '7']
 */
export function findOwnObjects(result: unknown): string[] {
  const found = new Set<string>()
  let values = MAX_VALUES
  const pending: unknown[] = [result]
  while (pending.length > 0 && values-- > 0 && found.size < MAX_OBJECTS) {
    const value = pending.shift()
    if (typeof value === 'string') pending.push(...parseText(value))
    else if (Array.isArray(value)) pending.push(...(value as unknown[]).slice(0, MAX_OBJECTS))
    else if (typeof value === 'object' && value !== null) {
      const names = namesOf(value)
      if (names.length > 0) for (const name of names) found.add(name)
      else pending.push(...childrenOf(value))
    }
  }
  return [...found].slice(0, MAX_OBJECTS)
}

/** A name as it is compared: a URL without a slash at its end. */
export function normalizeObject(name: string): string {
  return name.length > 1 && /^https?:\/\//i.test(name) ? withoutTrailing(name, '/') : name
}

function namesOf(object: object): string[] {
  return NAMES.flatMap((field) => {
    if (!Object.hasOwn(object, field)) return []
    const value: unknown = Reflect.get(object, field)
    if (typeof value !== 'string' && typeof value !== 'number' && !(value instanceof ExactNumber)) return []
    const name = normalizeObject(String(value))
    return name !== '' && name.length <= MAX_CHARACTERS ? [name] : []
  })
}

/** Values of an object that may be what a wrapper wraps: no plain text but that of MCP results. */
function childrenOf(object: object): unknown[] {
  return Object.entries(object)
    .filter(([name, value]) => typeof value === 'object' || name === 'text' || name === 'result')
    .map(([, value]): unknown => value)
}

/** The value of a JSON text; of any other, the URL when there is just one. */
function parseText(text: string): unknown[] {
  const short = text.slice(0, MAX_TEXT)
  if (/^\s*[{[]/.test(short) && short.length === text.length) {
    try {
      return [parseExact(text)]
    } catch {
      return []
    }
  }
  const urls = new Set(short.match(/https?:\/\/[^\s"'<>()[\]]+[^\s"'<>()[\].,;:!?]/g))
  const [url] = urls
  return urls.size === 1 && url ? [{ url }] : []
}
