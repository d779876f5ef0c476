/** One place where two JSON values differ: its path, as people write it. A value is absent where there was none. */
export type JsonChange = { path: string; before?: unknown; after?: unknown }

/**
 * Where two JSON values differ, place by place. Members of lists are matched by their name if all of them have one of
 * their own, otherwise by their position.
 */
export function compareJson(before: unknown, after: unknown, path = ''): JsonChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  const isNamed = [before, after].every(hasNames)
  const left = membersOf(before, isNamed)
  const right = membersOf(after, isNamed)
  if (!left || !right || Array.isArray(before) !== Array.isArray(after)) {
    return [
      {
        path,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      },
    ]
  }
  const changes = [...new Set([...left.keys(), ...right.keys()])].flatMap((name) =>
    compareJson(left.get(name), right.get(name), path === '' ? name : join(path, name)),
  )
  // Only their order differs.
  return changes.length > 0 ? changes : [{ path, before, after }]
}

function membersOf(value: unknown, isNamed: boolean): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (!Array.isArray(value)) return new Map(Object.entries(value))
  return new Map(value.map((item, index) => [(isNamed && nameOf(item)) || `[${index}]`, item]))
}

/** Whether all members of a list have a name of their own. */
function hasNames(list: unknown): boolean {
  if (!Array.isArray(list)) return false
  const names = list.map(nameOf)
  return names.every((name) => name !== undefined) && new Set(names).size === names.length
}

function nameOf(item: unknown): string | undefined {
  const name = typeof item === 'object' && item !== null && 'name' in item ? item.name : undefined
  return typeof name === 'string' ? name : undefined
}

function join(path: string, name: string): string {
  return name.startsWith('[') ? path + name : `${path}.${name}`
}
