import { ExactNumber } from '../../contract/exactJson.ts'
import { valueAt } from '../../contract/jsonPointer.ts'
import { toStorableText } from '../../contract/storable.ts'

/**
 * The first of some fields of a payload that holds a text or a number, as text; undefined when none does.
 *
 * @example pick({ message: { chat: { id: 7 } } }, 'edited_message.chat.id', 'message.chat.id') → '7'
 */
export function pick(payload: unknown, ...paths: string[]): string | undefined {
  for (const path of paths) {
    const value = valueAt(payload, `/${path.replaceAll('.', '/')}`)
    if (typeof value === 'number' || value instanceof ExactNumber) return String(value)
    if (typeof value === 'string' && value !== '') return toStorableText(value)
  }
  return undefined
}
