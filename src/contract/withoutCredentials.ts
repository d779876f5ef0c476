import { isObject, type JsonObject } from './jsonObject.ts'
import { writtenCredentials, type WrittenCredential } from './writtenCredentials.ts'

const TYPES: ReadonlySet<unknown> = new Set(['http', 'openapi', 'mcp'])

/** A value without the credentials that are hard-coded in the tools in it. */
export function withoutCredentials<Value>(value: Value): Value
export function withoutCredentials(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => withoutCredentials(item))
    return items.some((item, at) => item !== value[at]) ? items : value
  }
  if (!isPlain(value)) return value
  if (isTool(value)) return writtenCredentials(value).reduce(hide, value)
  const changed = Object.entries(value).flatMap(([name, member]) => {
    const shown = withoutCredentials(member)
    return shown === member ? [] : [[name, shown] as const]
  })
  return changed.length === 0 ? value : { ...value, ...Object.fromEntries(changed) }
}

/** Whether a value is a plain JSON object, not an instance of a class such as a date. */
function isPlain(value: unknown): value is JsonObject {
  if (!isObject(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function isTool(value: JsonObject): boolean {
  return TYPES.has(value['type']) && typeof value['name'] === 'string'
}

function hide(tool: JsonObject, { path: [field = '', member], shown }: WrittenCredential): JsonObject {
  if (member === undefined) return { ...tool, [field]: shown }
  const group = tool[field]
  if (Array.isArray(group)) return { ...tool, [field]: group.with(Number(member), shown) }
  return { ...tool, [field]: { ...(isObject(group) ? group : {}), [member]: shown } }
}
