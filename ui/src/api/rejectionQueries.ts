import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call, withQuery } from './client.ts'
import type { Page, Rejection, RejectionReason, RejectionSummary } from './types.ts'

const LIST_EVERY_MS = 5_000
const PER_PAGE = 25

export type RejectionFilter = {
  reason?: RejectionReason | undefined
  agentId?: string | undefined
  webhookId?: string | undefined
}

/** Requests that started no task, newest first. */
export const rejectionsQuery = ({ reason, agentId, webhookId }: RejectionFilter) =>
  infiniteQueryOptions({
    queryKey: ['rejections', 'list', reason ?? null, agentId ?? null, webhookId ?? null],
    queryFn: ({ pageParam, signal }) =>
      call<Page<RejectionSummary>>(
        'GET',
        withQuery('api/rejections', {
          reason,
          agent_id: agentId,
          webhook_id: webhookId,
          cursor: pageParam,
          limit: PER_PAGE,
        }),
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: LIST_EVERY_MS,
  })

export const rejectionQuery = (id: string) =>
  queryOptions({
    queryKey: ['rejections', 'one', id],
    queryFn: ({ signal }) => call<Rejection>('GET', `api/rejections/${encodeURIComponent(id)}`, { signal }),
  })
