import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call, withQuery } from './client.ts'
import { agentQuery } from './queries.ts'
import type { Page, Revision, RevisionRuns } from './types.ts'

const RUNS_EVERY_MS = 30_000

const path = (agentId: string, rest = '') => `api/agents/${encodeURIComponent(agentId)}/revisions${rest}`

/** The revisions of an agent, newest first. */
export const revisionsQuery = (agentId: string) =>
  infiniteQueryOptions({
    queryKey: [...agentQuery(agentId).queryKey, 'revisions', 'list'],
    queryFn: ({ pageParam, signal }) =>
      call<Page<Revision>>('GET', withQuery(path(agentId), { limit: 20, cursor: pageParam }), { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

/** One revision, which never changes. */
export const revisionQuery = (agentId: string, revision: number) =>
  queryOptions({
    queryKey: [...agentQuery(agentId).queryKey, 'revisions', revision],
    queryFn: ({ signal }) => call<Revision>('GET', path(agentId, `/${revision}`), { signal }),
    staleTime: Infinity,
  })

/** How the latest tasks of an agent ended, by revision. */
export const revisionRunsQuery = (agentId: string) =>
  queryOptions({
    queryKey: [...agentQuery(agentId).queryKey, 'revisions', 'runs'],
    queryFn: ({ signal }) =>
      call<RevisionRuns>('GET', `api/agents/${encodeURIComponent(agentId)}/revision_runs`, { signal }),
    refetchInterval: RUNS_EVERY_MS,
  })
