import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query'
import { call, withQuery } from './client.ts'
import type {
  Agent,
  AgentListItem,
  Approval,
  FirstRing,
  ModelProvider,
  Page,
  Session,
  StepDetail,
  TaskDetail,
  TaskState,
  Webhook,
} from './types.ts'

const LIST_EVERY_MS = 3_000
const LIVE_EVERY_MS = 2_000
const AGENTS_EVERY_MS = 10_000
/** How many first requests of a webhook are kept. */
const RINGS_KEPT = 5
const WAITING_EVERY_MS = 10_000

/** Waiting calls and questions are counted up to this number. */
export const COUNTED = 100

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => call<Session>('GET', 'api/session', { signal }),
  staleTime: 60_000,
})

export const providersQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: async ({ signal }) =>
    (await call<{ data: ModelProvider[] }>('GET', 'api/model_providers', { signal })).data,
  staleTime: Infinity,
})

export const agentsQuery = infiniteQueryOptions({
  queryKey: ['agents', 'list'],
  queryFn: ({ pageParam, signal }) =>
    call<Page<AgentListItem>>('GET', withQuery('api/agents', { limit: 50, cursor: pageParam }), { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
  // Other people create agents, and tasks end.
  refetchInterval: AGENTS_EVERY_MS,
})

export const agentQuery = (id: string) =>
  queryOptions({
    queryKey: ['agents', 'one', id],
    queryFn: ({ signal }) => call<Agent>('GET', `api/agents/${encodeURIComponent(id)}`, { signal }),
  })

/** A payload for testing an agent that was just created from a template. */
const sampleKey = (agentId: string) => ['sample', agentId]

export function keepSample(client: QueryClient, agentId: string, payload: string): void {
  client.setQueryDefaults(sampleKey(agentId), { gcTime: Infinity })
  client.setQueryData(sampleKey(agentId), payload)
}

export function sampleOf(client: QueryClient, agentId: string): string | undefined {
  return client.getQueryData(sampleKey(agentId))
}

export const webhooksQuery = (agentId: string) =>
  queryOptions({
    queryKey: ['agents', 'one', agentId, 'webhooks'],
    queryFn: async ({ signal }) => {
      const path = withQuery(`api/agents/${encodeURIComponent(agentId)}/webhooks`, { limit: 200 })
      const { data } = await call<Page<Webhook>>('GET', path, { signal })
      return data.toSorted((a, b) => Number(b.is_default) - Number(a.is_default))
    },
    // Others change them, and tasks are held.
    refetchInterval: AGENTS_EVERY_MS,
  })

/** The first requests of a webhook. Polls until as many have arrived as are kept. */
export const firstRingQuery = ({ agent_id: agentId, id }: Pick<Webhook, 'agent_id' | 'id'>) =>
  queryOptions({
    queryKey: [...webhooksQuery(agentId).queryKey, id, 'first_ring'],
    queryFn: ({ signal }) =>
      call<FirstRing>('GET', `api/agents/${encodeURIComponent(agentId)}/webhooks/${id}/first_ring`, {
        signal,
      }),
    refetchInterval: ({ state }) => ((state.data?.requests.length ?? 0) < RINGS_KEPT ? LIST_EVERY_MS : false),
  })

/** How many calls and questions are waiting for a person. */
export const waitingQuery = queryOptions({
  queryKey: ['approvals', 'count'],
  queryFn: async ({ signal }) => {
    const path = withQuery('api/approvals', { state: 'waiting', limit: COUNTED })
    return (await call<Page<Approval>>('GET', path, { signal })).data.length
  },
  refetchInterval: WAITING_EVERY_MS,
})

export const taskQuery = (id: string) =>
  queryOptions({
    queryKey: ['tasks', 'one', id],
    queryFn: ({ signal }) => call<TaskDetail>('GET', `api/tasks/${encodeURIComponent(id)}`, { signal }),
    // Changes are announced by events; this is for when events do not get through.
    refetchInterval: ({ state }) => (state.data && hasEnded(state.data.state) ? false : LIVE_EVERY_MS),
  })

/** One step with its whole input and output. A step in the journal never changes. */
export const stepQuery = (taskId: string, { key, state }: { key: string; state: string }) =>
  queryOptions({
    queryKey: ['tasks', 'step', taskId, key, state],
    queryFn: ({ signal }) => {
      const path = `api/tasks/${encodeURIComponent(taskId)}/steps/${encodeURIComponent(key)}`
      return call<StepDetail>('GET', path, { signal })
    },
    staleTime: Infinity,
  })

export function hasEnded(state: TaskState): boolean {
  return state === 'SUCCESS' || state === 'FAILURE' || state === 'CANCELLED'
}
