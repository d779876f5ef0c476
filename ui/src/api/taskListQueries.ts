import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { taskParameters, type TaskSearch } from '../lib/taskSearch.ts'
import { call, withQuery } from './client.ts'
import type { TaskCounts, TaskList, TaskSummary } from './types.ts'

const LIST_EVERY_MS = 3_000
const COUNTS_EVERY_MS = 15_000
const TASKS_PER_PAGE = 100

/** A list scrolled beyond this many pages does not refresh by itself: each page is a request. */
export const LIVE_PAGES = 2

/** The most tasks that an action on all tasks of a search applies to. */
export const MOST_TASKS = 1_000

/**
 * Tasks, newest first.
 *
 * @param live whether to refetch every few seconds; never while the page is hidden
 */
export const tasksQuery = ({ group: _group, ...search }: TaskSearch, { live }: { live: boolean }) =>
  infiniteQueryOptions({
    queryKey: ['tasks', 'list', search],
    queryFn: ({ pageParam, signal }) =>
      readPage(search, { cursor: pageParam, limit: TASKS_PER_PAGE }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: ({ state }) =>
      live && (state.data?.pages.length ?? 0) <= LIVE_PAGES ? LIST_EVERY_MS : false,
    refetchOnWindowFocus: ({ state }) => (state.data?.pages.length ?? 0) <= LIVE_PAGES,
    placeholderData: (before) => before,
  })

/** Task counts of a search by state and by error, regardless of its state filter. */
export const taskCountsQuery = (
  { state: _state, group: _group, ...search }: TaskSearch,
  { live }: { live: boolean },
) =>
  queryOptions({
    queryKey: ['tasks', 'counts', search],
    queryFn: ({ signal }) =>
      call<TaskCounts>('GET', withQuery('api/tasks/counts', taskParameters(search)), { signal }),
    refetchInterval: live ? COUNTS_EVERY_MS : false,
    placeholderData: (before) => before,
  })

/** All tasks of a search, newest first: {@link MOST_TASKS} at most. `more`: there are others. */
export async function readAllTasks(
  search: TaskSearch,
  signal?: AbortSignal,
): Promise<{ tasks: TaskSummary[]; more: boolean }> {
  const tasks: TaskSummary[] = []
  for (let cursor: string | undefined; ;) {
    const page = await readPage(search, { cursor, limit: 200 }, signal)
    tasks.push(...page.data)
    if (page.next_cursor === null)
      return { tasks: tasks.slice(0, MOST_TASKS), more: tasks.length > MOST_TASKS }
    if (tasks.length >= MOST_TASKS) return { tasks: tasks.slice(0, MOST_TASKS), more: true }
    cursor = page.next_cursor
  }
}

function readPage(
  search: TaskSearch,
  { cursor, limit }: { cursor: string | undefined; limit: number },
  signal?: AbortSignal,
): Promise<TaskList> {
  const path = withQuery('api/tasks', { ...taskParameters(search), cursor, limit })
  return call<TaskList>('GET', path, signal ? { signal } : {})
}
