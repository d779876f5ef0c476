import { queryOptions } from '@tanstack/react-query'
import type { Overview, OverviewPeriod } from '../../../src/contract/overview.ts'
import { call, withQuery } from './client.ts'

const EVERY_MS = 10_000

/** Figures of the instance for a period, refetched every few seconds. */
export const overviewQuery = (period: OverviewPeriod) =>
  queryOptions({
    queryKey: ['overview', period],
    queryFn: ({ signal }) => call<Overview>('GET', withQuery('api/overview', { period }), { signal }),
    refetchInterval: EVERY_MS,
    placeholderData: (before) => before,
  })
