import { queryOptions } from '@tanstack/react-query'
import { call, withQuery } from './client.ts'
import type { Delivery, DeliveryDetail, Page, SourceDescription, TaskSummary, Webhook } from './types.ts'

const PENDING_EVERY_MS = 3_000
const DELIVERIES_EVERY_MS = 10_000
const DELIVERIES_SHOWN = 10
const HELD_LOOKED_AT = 200
const HELD_SHOWN = 50

type Ref = Pick<Webhook, 'agent_id' | 'id'>

/** The senders that a webhook can verify. They are part of the server and do not change. */
export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: async ({ signal }) =>
    (await call<{ data: SourceDescription[] }>('GET', 'api/sources', { signal })).data,
  staleTime: Infinity,
})

export function webhookPath({ agent_id: agentId, id }: Ref): string {
  return `api/agents/${encodeURIComponent(agentId)}/webhooks/${encodeURIComponent(id)}`
}

export function callbackPath(webhook: Ref): string {
  return `${webhookPath(webhook)}/callback`
}

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

/** The newest tasks that a webhook holds, among its latest that are pending. */
export const heldTasksQuery = (webhookId: string) =>
  queryOptions({
    queryKey: ['tasks', 'held', webhookId],
    queryFn: async ({ signal }) => {
      const path = withQuery('api/tasks', { webhook_id: webhookId, state: 'PENDING', limit: HELD_LOOKED_AT })
      const { data } = await call<Page<TaskSummary>>('GET', path, { signal })
      const reasons: readonly unknown[] = ['webhook_hold', 'loop_suspected']
      return data.filter(({ held }) => reasons.includes(held?.reason)).slice(0, HELD_SHOWN)
    },
    refetchInterval: DELIVERIES_EVERY_MS,
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
