/** Records the methods of each path, to tell an unsupported method (405) from an unknown path (404). */
export type KnownPaths = {
  /** Adds a route by its pattern, such as `/api/agents/:id`. One that ends in a wildcard is ignored. */
  add(
    pattern: string,
    methods: string | string[],
    options: { crossOrigin: boolean; problemsWithoutStatus: boolean },
  ): void
  /**
   * The methods that the path takes, and those of them that pages of other origins may use; none when unknown. With
   * whether problem documents of the path leave out `status`.
   */
  methodsOf(path: string): { all: string[]; crossOrigin: string[]; problemsWithoutStatus: boolean }
}

type KnownRoute = {
  parts: string[]
  methods: Set<string>
  crossOrigin: Set<string>
  problemsWithoutStatus: boolean
}

export function createKnownPaths(): KnownPaths {
  const routes = new Map<string, KnownRoute>()

  return {
    add(pattern, methods, { crossOrigin, problemsWithoutStatus }) {
      if (pattern.includes('*')) return
      let route = routes.get(pattern)
      if (!route) {
        route = { parts: partsOf(pattern), methods: new Set(), crossOrigin: new Set(), problemsWithoutStatus }
        routes.set(pattern, route)
      }
      for (const method of [methods].flat()) {
        route.methods.add(method)
        if (crossOrigin) route.crossOrigin.add(method)
      }
    },
    methodsOf(path) {
      const parts = partsOf(path)
      const found = [...routes.values()].filter((route) => fits(parts, route.parts))
      return {
        all: merge(found.map(({ methods }) => methods)),
        crossOrigin: merge(found.map(({ crossOrigin }) => crossOrigin)),
        problemsWithoutStatus: found.some((route) => route.problemsWithoutStatus),
      }
    },
  }
}

/** The path of a URL, without its query. */
export function pathOf(url: string): string {
  const [path = ''] = url.split('?', 1)
  return path
}

/** With and without a slash at its end it is the same path, as it is for the router. */
function partsOf(path: string): string[] {
  return (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path).split('/')
}

function merge(methods: Set<string>[]): string[] {
  return [...new Set(methods.flatMap((each) => [...each]))].toSorted()
}

function fits(parts: string[], pattern: string[]): boolean {
  return (
    parts.length === pattern.length &&
    pattern.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]))
  )
}
