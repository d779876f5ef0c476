import type { FastifyRequest } from 'fastify'
import { ExactNumber } from '../../contract/exactJson.ts'
import { jsonPointer } from '../../contract/fieldErrors.ts'
import { BellwireError } from '../../errors.ts'
import { hasRedactedLink, type LinkKind } from '../../telemetry/bearerLinks.ts'
import { hiddenLinks, maskLinks } from './linkMask.ts'

/**
 * What somebody sends back after reading it with masked links: each text that is unchanged gets the links of the stored
 * one again.
 *
 * @param pointer where the value is in the body
 * @throws BellwireError `schema_invalid` where a text was changed and still has a masked link: saving it would lose the
 *   link
 */
export function restoreLinks<Value>(
  given: Value,
  own: unknown,
  hidden: readonly LinkKind[],
  pointer = '',
): Value {
  if (hidden.length === 0) return given
  return restore(given, own, { hidden, pointer }) as Value
}

/**
 * The same for the settings in a request.
 *
 * @param readOwn reads the stored settings, in the form in which they are shown
 */
export async function restoreSettings<Value>(
  request: FastifyRequest,
  given: Value,
  readOwn: () => Promise<unknown>,
): Promise<Value> {
  const hidden = hiddenLinks(request)
  if (hidden.length === 0 || !JSON.stringify(given).includes('***')) return given
  return restoreLinks(given, await readOwn(), hidden)
}

type Place = { hidden: readonly LinkKind[]; pointer: string }

function restore(given: unknown, own: unknown, { hidden, pointer }: Place): unknown {
  const below = (name: string | number): Place => ({ hidden, pointer: pointer + jsonPointer([name]) })
  if (typeof given === 'string') return restoreText(given, own, { hidden, pointer })
  if (typeof given !== 'object' || given === null || given instanceof ExactNumber) return given
  if (Array.isArray(given)) {
    const items: unknown[] = Array.isArray(own) ? own : []
    return given.map((item, at) => restore(item, items[at], below(at)))
  }
  const isObject = typeof own === 'object' && own !== null && !Array.isArray(own)
  const members = new Map<string, unknown>(isObject ? Object.entries(own) : [])
  const names = new Map([...members.keys()].map((name) => [maskLinks(name, hidden), name]))
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const ownName = names.get(name) ?? restoreText(name, undefined, below(name))
      return [ownName, restore(value, members.get(ownName), below(name))]
    }),
  )
}

function restoreText(given: string, own: unknown, { hidden, pointer }: Place): string {
  if (given === own) return given
  if (typeof own === 'string' && given === maskLinks(own, hidden)) return own
  if (!hasRedactedLink(given, hidden)) return given
  const detail =
    'has a link whose secret is hidden from your role (***): write the whole link, or leave this text unchanged'
  throw new BellwireError('schema_invalid', undefined, { errors: [{ pointer, detail }] })
}
