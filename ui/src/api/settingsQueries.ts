import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call, withQuery } from './client.ts'
import type {
  AgentListItem,
  ApiKey,
  InstanceBudget,
  ModelOffers,
  NoticeSettings,
  Page,
  PricedModel,
  Provider,
  RetentionItem,
  Secret,
} from './types.ts'

const PER_PAGE = 100
const AGENTS_PER_PAGE = 200
/** At most 2,000 agents are offered. */
const MOST_PAGES = 10

/** Secrets of tools by name, with the agents that use them and never with their values. */
export const secretsQuery = infiniteQueryOptions({
  queryKey: ['secrets'],
  queryFn: ({ pageParam, signal }) =>
    call<Page<Secret>>('GET', withQuery('api/secrets', { limit: PER_PAGE, cursor: pageParam }), { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
})

/** API keys, newest first. */
export const apiKeysQuery = infiniteQueryOptions({
  queryKey: ['api_keys'],
  queryFn: ({ pageParam, signal }) =>
    call<Page<ApiKey>>('GET', withQuery('api/api_keys', { limit: PER_PAGE, cursor: pageParam }), { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
})

/** All models with a price, in US dollars per million tokens. */
export const pricesQuery = queryOptions({
  queryKey: ['prices'],
  queryFn: async ({ signal }) => (await call<{ data: PricedModel[] }>('GET', 'api/prices', { signal })).data,
})

/** Model providers by name, with the agents that use them and never with their keys. */
export const modelProvidersQuery = queryOptions({
  queryKey: ['providers', 'settings'],
  queryFn: async ({ signal }) => (await call<{ data: Provider[] }>('GET', 'api/providers', { signal })).data,
})

/** The models that the providers offer. The server asks them at most once a minute. */
export const modelOffersQuery = queryOptions({
  queryKey: ['models'],
  queryFn: ({ signal }) => call<ModelOffers>('GET', 'api/models', { signal }),
  staleTime: 60_000,
})

/** The daily budget of the instance, and its use today. */
export const budgetQuery = queryOptions({
  queryKey: ['budget'],
  queryFn: ({ signal }) => call<InstanceBudget>('GET', 'api/budget', { signal }),
})

/** Which notices are sent, and where. */
export const noticesQuery = queryOptions({
  queryKey: ['notices'],
  queryFn: ({ signal }) => call<NoticeSettings>('GET', 'api/notices', { signal }),
})

/** How long what is stored is kept. */
export const retentionQuery = queryOptions({
  queryKey: ['retention'],
  queryFn: async ({ signal }) =>
    (await call<{ data: RetentionItem[] }>('GET', 'api/retention', { signal })).data,
})

/** The agents to choose from. */
export const agentNamesQuery = queryOptions({
  queryKey: ['agents', 'names'],
  queryFn: async ({ signal }) => {
    const agents: Pick<AgentListItem, 'id' | 'name'>[] = []
    let cursor: string | undefined
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const path = withQuery('api/agents', { limit: AGENTS_PER_PAGE, cursor })
      // oxlint-disable-next-line no-await-in-loop -- each page names the next
      const page = await call<Page<AgentListItem>>('GET', path, { signal })
      agents.push(...page.data.map(({ id, name }) => ({ id, name })))
      cursor = page.next_cursor ?? undefined
      if (cursor === undefined) break
    }
    return agents
  },
})
