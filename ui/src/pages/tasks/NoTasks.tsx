import type { TaskState } from '../../api/types.ts'
import { EmptyState } from '../../components/EmptyState.tsx'
import { LinkButton } from '../../components/LinkButton.tsx'
import { DEFAULT_RANGE, isFiltered, RANGES, type TaskSearch } from '../../lib/taskSearch.ts'

const NOTHING: Record<TaskState, string> = {
  PENDING: 'No pending tasks',
  STARTED: 'No running tasks',
  WAITING: 'No tasks waiting for approval',
  SUCCESS: 'No successful tasks yet',
  FAILURE: 'No failed tasks',
  CANCELLED: 'No cancelled tasks',
}

/** Shown in an empty list of tasks: why it is empty, and how to see more. */
export function NoTasks({ search }: { search: TaskSearch }) {
  const { state, q, range = DEFAULT_RANGE, since, until } = search
  const isLimited = range !== 'all' || since !== undefined || until !== undefined
  const when = (since ?? until) ? 'in this time range' : `in the ${RANGES[range].label.toLowerCase()}`
  if (!isFiltered(search)) {
    return (
      <EmptyState
        title={isLimited ? `No tasks ${when}` : 'No tasks yet'}
        action={isLimited && <AllTime search={search} />}
      >
        <p>
          Every request to an agent&rsquo;s URL becomes a task. Send a test from the agent&rsquo;s page to see
          one here.
        </p>
      </EmptyState>
    )
  }
  return (
    <EmptyState
      title={q === undefined && state && onlyState(search) ? NOTHING[state] : 'No tasks found'}
      action={isLimited && <AllTime search={search} />}
    >
      {q === undefined ? (
        <p>New tasks appear here automatically.</p>
      ) : (
        <p>No payload, result or error contains &ldquo;{q}&rdquo;, and no task ID begins with it.</p>
      )}
      {isLimited && <p>Only tasks received {when} were searched.</p>}
    </EmptyState>
  )
}

function AllTime({ search: { since: _since, until: _until, ...search } }: { search: TaskSearch }) {
  return (
    <LinkButton to="/tasks" search={{ ...search, range: 'all' }} variant="default">
      Search all time
    </LinkButton>
  )
}

function onlyState({ agent, webhook, error, origin, seconds, cost }: TaskSearch): boolean {
  return [agent, webhook, error, origin, seconds, cost].every((filter) => filter === undefined)
}
