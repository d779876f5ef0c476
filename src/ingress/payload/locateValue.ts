import { pointerNames } from '../../contract/jsonPointer.ts'
import { visitChildren } from './jsonChildren.ts'
import { SLICE_BYTES } from '../../contract/longJson/turns.ts'

const INDEX = /^(?:0|[1-9]\d*)$/

/** An escape takes up to six bytes for one. */
const MAX_GROWTH = 6

/**
 * The JSON of the value that a JSON pointer leads to; undefined when there is none. Nothing is parsed, and long texts
 * are searched with turns of the event loop in between.
 *
 * @param json valid JSON in UTF-8
 */
export async function locateValue(
  json: Buffer,
  pointer: string,
  sliceBytes = SLICE_BYTES,
): Promise<Buffer | undefined> {
  let at: Buffer | undefined = json
  for (const name of pointerNames(pointer)) {
    if (!at) return undefined
    at = await childOf(at, name, sliceBytes)
  }
  return at
}

async function childOf(json: Buffer, wanted: string, sliceBytes: number): Promise<Buffer | undefined> {
  const plain = Buffer.from(JSON.stringify(wanted))
  const last = INDEX.test(wanted) ? Number(wanted) : -1
  let index = 0
  let found: Buffer | undefined
  await visitChildren(
    json,
    ({ name, value }) => {
      if (name === undefined) {
        if (index === last) found = value
        index += 1
        return found !== undefined || last < 0
      }
      // Of two members of one name, the last one counts.
      if (isName(name, plain, wanted)) found = value
      return false
    },
    sliceBytes,
  )
  return found
}

/** Whether the name of a member, which may be written with escapes, is the one that is wanted. */
function isName(name: Buffer, plain: Buffer, wanted: string): boolean {
  if (name.equals(plain)) return true
  if (name.length > plain.length * MAX_GROWTH || !name.includes('\\')) return false
  return JSON.parse(name.toString('utf8')) === wanted
}
