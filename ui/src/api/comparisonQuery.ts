import { queryOptions } from '@tanstack/react-query'
import { call } from './client.ts'
import type { Comparison } from './types.ts'

/** Two tasks side by side. */
export const comparisonQuery = (left: string, right: string) =>
  queryOptions({
    queryKey: ['tasks', 'compare', left, right],
    queryFn: ({ signal }) =>
      call<Comparison>('GET', `api/tasks/${encodeURIComponent(left)}/compare/${encodeURIComponent(right)}`, {
        signal,
      }),
  })
