import { infiniteQueryOptions } from '@tanstack/react-query'
import { call, withQuery } from './client.ts'
import type { Approval, Page } from './types.ts'

const APPROVALS_EVERY_MS = 5_000
const APPROVALS_PER_PAGE = 100

/** Calls and questions that are waiting for a person or were decided, newest first. */
export const approvalsQuery = ({
  state,
  agentId,
}: {
  state: 'waiting' | 'decided'
  agentId?: string | undefined
}) =>
  infiniteQueryOptions({
    queryKey: ['approvals', state, agentId ?? null],
    queryFn: ({ pageParam, signal }) => {
      const query = { state, agent_id: agentId, cursor: pageParam, limit: APPROVALS_PER_PAGE }
      return call<Page<Approval>>('GET', withQuery('api/approvals', query), { signal })
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: APPROVALS_EVERY_MS,
    placeholderData: (before) => before,
  })
