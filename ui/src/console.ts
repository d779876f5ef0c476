import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from './api/apiError.ts'
import { createConsoleRouter } from './router.tsx'

/** What holds the console together: what it knows of the server, and where one is in it. */
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
        retry: (failures, error) => isPassing(error) && failures < 3,
      },
    },
  })
  const router = createConsoleRouter(client)

  /** The session is over: sign in and come back here. */
  function toSignIn(): void {
    const { pathname, searchStr } = router.state.location
    if (pathname === '/sign-in') return
    client.clear()
    void router.navigate({ to: '/sign-in', search: { next: pathname + searchStr } })
  }

  return { client, router }
}

/** Whether it may well be gone in a moment. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 503)
}
