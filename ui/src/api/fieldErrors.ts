import { ApiError } from './apiError.ts'

/** Error messages by form field; `rest` has those that no field of the form can show. */
export type FieldErrors<Field extends string> = { fields: Partial<Record<Field, string>>; rest: string[] }

/**
 * Assigns the server's errors to the fields of a form. `/limits/max_steps` belongs to the field `limits/max_steps` if
 * there is one, otherwise to `limits`, with the rest of the pointer in front. `{name}`, a part of the request's path,
 * belongs to the field `name`.
 */
export function fieldErrors<Field extends string>(
  error: unknown,
  names: readonly Field[],
): FieldErrors<Field> {
  const found: FieldErrors<Field> = { fields: {}, rest: [] }
  if (!(error instanceof ApiError)) return found
  for (const { pointer, detail } of error.problem.errors ?? []) {
    const path = pointer.replace(/^\//, '').replace(/^\{(.+)\}$/, '$1')
    const name = names
      .filter((candidate) => path === candidate || path.startsWith(`${candidate}/`))
      .toSorted((a, b) => b.length - a.length)[0]
    if (name === undefined) {
      found.rest.push(path === '' ? detail : `${path}: ${detail}`)
      continue
    }
    const inside = path.slice(name.length + 1)
    const line = inside === '' ? sentence(detail) : `${readable(inside)}: ${detail}`
    const before = found.fields[name]
    found.fields[name] = before === undefined ? line : `${before}\n${line}`
  }
  return found
}

/** `0/parameters/type` → `[0].parameters.type`, as people write it. */
function readable(pointer: string): string {
  return pointer
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('')
}

function sentence(detail: string): string {
  return detail.slice(0, 1).toUpperCase() + detail.slice(1)
}
