import { queryOptions } from '@tanstack/react-query'
import { call, withQuery } from '../../../api/client.ts'
import { secretsQuery } from '../../../api/settingsQueries.ts'
import type { Page, Secret } from '../../../api/types.ts'

const PER_PAGE = 200
/** More secrets than 2,000 are not listed. */
const MOST_PAGES = 10

/** The names of all secrets that tools can use, in alphabetical order. */
export const secretNamesQuery = queryOptions({
  queryKey: [...secretsQuery.queryKey, 'names'],
  queryFn: async ({ signal }) => {
    const names: string[] = []
    let cursor: string | undefined
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const path = withQuery('api/secrets', { limit: PER_PAGE, cursor })
      // oxlint-disable-next-line no-await-in-loop -- each page names the next
      const page = await call<Page<Secret>>('GET', path, { signal })
      names.push(...page.data.map(({ name }) => name))
      cursor = page.next_cursor ?? undefined
      if (cursor === undefined) break
    }
    return names.toSorted()
  },
  // Somebody sets one in another tab, and comes back.
  refetchOnWindowFocus: 'always',
})
