/** Records the methods of each path, to tell an unsupported method (405) from an unknown path (404). */
export type KnownPaths = {
  /** Adds a route by its pattern, such as `/api/agents/:id`. One that ends in a wildcard is ignored. */
  add(pattern: string, methods: string | string[]): void
  /** The methods that the path supports; none when it is unknown. */
  methodsOf(path: string): string[]
}

export function createKnownPaths(): KnownPaths {
  const routes = new Map<string, { parts: string[]; methods: Set<string> }>()

  return {
    add(pattern, methods) {
      if (pattern.includes('*')) return
      let route = routes.get(pattern)
      if (!route) routes.set(pattern, (route = { parts: pattern.split('/'), methods: new Set() }))
      for (const method of [methods].flat()) route.methods.add(method)
    },
    methodsOf(path) {
      const parts = path.split('/')
      const found = [...routes.values()].filter((route) => fits(parts, route.parts))
      return [...new Set(found.flatMap((route) => [...route.methods]))].toSorted()
    },
  }
}

function fits(parts: string[], pattern: string[]): boolean {
  return (
    parts.length === pattern.length &&
    pattern.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]))
  )
}
