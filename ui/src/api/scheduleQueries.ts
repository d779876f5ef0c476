import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call, withQuery } from './client.ts'
import { agentQuery } from './queries.ts'
import type { AgentSchedule, Page, Schedule } from './types.ts'

const LIST_EVERY_MS = 10_000
/** The most schedules an agent can have. */
const MOST_SCHEDULES = 100

export function schedulesPath(agentId: string): string {
  return `api/agents/${encodeURIComponent(agentId)}/schedules`
}

/** The schedules of an agent, newest first. Refetched, because their next beats pass. */
export const schedulesQuery = (agentId: string) =>
  queryOptions({
    queryKey: [...agentQuery(agentId).queryKey, 'schedules'],
    queryFn: async ({ signal }) => {
      const path = withQuery(schedulesPath(agentId), { limit: MOST_SCHEDULES })
      return (await call<Page<Schedule>>('GET', path, { signal })).data
    },
    refetchInterval: LIST_EVERY_MS,
  })

/** The schedules of all agents, newest first. */
export const allSchedulesQuery = infiniteQueryOptions({
  queryKey: ['schedules'],
  queryFn: ({ pageParam, signal }) =>
    call<Page<AgentSchedule>>(
      'GET',
      withQuery('api/schedules', { limit: MOST_SCHEDULES, cursor: pageParam }),
      {
        signal,
      },
    ),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
  refetchInterval: LIST_EVERY_MS,
})
