import { queryOptions } from '@tanstack/react-query'
import type { UsageReport } from '../../../src/contract/usageReport.ts'
import { call, withQuery } from './client.ts'

const DAY_MS = 86_400_000
const EVERY_MS = 60_000

/** Usage of the last days (UTC), today included, grouped by day, agent or model. */
export const usageQuery = (days: number, groupBy: UsageReport['group_by']) =>
  queryOptions({
    queryKey: ['usage', days, groupBy],
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - (days - 1) * DAY_MS).toISOString().slice(0, 10)
      return call<UsageReport>('GET', withQuery('api/usage', { from, group_by: groupBy }), { signal })
    },
    refetchInterval: EVERY_MS,
    placeholderData: (before) => before,
  })
