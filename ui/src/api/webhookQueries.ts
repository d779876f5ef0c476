import { queryOptions } from '@tanstack/react-query'
import { ApiError } from './apiError.ts'
import { call, withQuery } from './client.ts'
import { webhooksQuery } from './queries.ts'
import type { Callback, Delivery, DeliveryDetail, Page, SourceDescription, Webhook } from './types.ts'

const PENDING_EVERY_MS = 3_000
const DELIVERIES_EVERY_MS = 10_000
const DELIVERIES_SHOWN = 10

type Ref = Pick<Webhook, 'agent_id' | 'id'>

/** The senders that a webhook can verify. They are part of the server and do not change. */
export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: async ({ signal }) =>
    (await call<{ data: SourceDescription[] }>('GET', 'api/sources', { signal })).data,
  staleTime: Infinity,
})

export function callbackPath({ agent_id: agentId, id }: Ref): string {
  return `api/agents/${encodeURIComponent(agentId)}/webhooks/${encodeURIComponent(id)}/callback`
}

/** The callback of a webhook; null when it has none. */
export const callbackQuery = (webhook: Ref) =>
  queryOptions({
    queryKey: [...webhooksQuery(webhook.agent_id).queryKey, webhook.id, 'callback'],
    queryFn: async ({ signal }) => {
      try {
        return await call<Callback>('GET', callbackPath(webhook), { signal })
      } catch (error) {
        if (error instanceof ApiError && error.problem.code === 'callback_not_found') return null
        throw error
      }
    },
  })

/** The latest deliveries of a webhook, newest first. */
export const deliveriesQuery = (webhookId: string) =>
  queryOptions({
    queryKey: ['deliveries', 'of', webhookId],
    queryFn: async ({ signal }) => {
      const path = withQuery('api/deliveries', { webhook_id: webhookId, limit: DELIVERIES_SHOWN })
      return (await call<Page<Delivery>>('GET', path, { signal })).data
    },
    refetchInterval: ({ state }) =>
      state.data?.some((delivery) => delivery.state === 'pending') ? PENDING_EVERY_MS : DELIVERIES_EVERY_MS,
  })

/** The deliveries of a task, newest first. */
export const taskDeliveriesQuery = (taskId: string) =>
  queryOptions({
    queryKey: ['deliveries', 'task', taskId],
    queryFn: async ({ signal }) =>
      (
        await call<Page<Delivery>>('GET', withQuery('api/deliveries', { task_id: taskId, limit: 50 }), {
          signal,
        })
      ).data,
    refetchInterval: ({ state }) =>
      state.data?.some((delivery) => delivery.state === 'pending') ? PENDING_EVERY_MS : false,
  })

/** One delivery with its attempts; `seen` is how many of them the list has shown. */
export const deliveryQuery = ({ id, attempts: seen, state }: Delivery) =>
  queryOptions({
    queryKey: ['deliveries', 'one', id, seen, state],
    queryFn: ({ signal }) =>
      call<DeliveryDetail>('GET', `api/deliveries/${encodeURIComponent(id)}`, { signal }),
  })
