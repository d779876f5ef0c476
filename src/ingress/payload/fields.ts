/** Fields of a form, or of a query: a name that comes more than once has a list. */
export type Fields<Value> = Record<string, Value | Value[]>

/**
 * The fields of a form or of a query string, in their order. A question mark at the start belongs to the first name:
 * URLSearchParams by itself would take it for the start of a query and drop it.
 */
export function parseFields(text: string): URLSearchParams {
  return new URLSearchParams(`?${text}`)
}

/** Collects fields by their names. */
export function collectFields<Value>(entries: Iterable<readonly [string, Value]>): Fields<Value> {
  const names = new Map<string, Value[]>()
  for (const [name, value] of entries) {
    const values = names.get(name)
    if (values) values.push(value)
    else names.set(name, [value])
  }
  // No prototype: a field may be called "__proto__".
  const fields: Fields<Value> = Object.create(null)
  for (const [name, values] of names) fields[name] = values.length === 1 ? (values[0] as Value) : values
  return fields
}
