import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from './api/apiError.ts'
import { readConnection } from './api/connection.ts'
import { createConsoleRouter } from './router.tsx'

const MOST_RETRIES = 3

/** Creates the console's shared objects: the cache of server data, and the router. */
export function createConsole() {
  const onError = (error: Error): void => {
    if (error instanceof ApiError && error.status === 401) toSignIn()
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 1_000,
        // While the connection is lost, a query waits and keeps its data.
        retry: (failures, error) =>
          error instanceof ApiError &&
          error.isPassing &&
          (failures < MOST_RETRIES || readConnection().state !== 'live'),
      },
      // A user's action happens now or not at all, never later when the connection is back.
      mutations: { networkMode: 'always' },
    },
  })
  const router = createConsoleRouter(client)

  /** The session has ended: sign in, then come back here. */
  function toSignIn(): void {
    const { pathname, searchStr } = router.state.location
    if (pathname === '/sign-in') return
    client.clear()
    void router.navigate({ to: '/sign-in', search: { next: pathname + searchStr } })
  }

  return { client, router }
}
