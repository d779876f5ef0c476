import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { hasEnded, tasksQuery, type TaskFilter } from '../../api/queries.ts'
import type { TaskState, TaskSummary } from '../../api/types.ts'
import { EmptyState } from '../../components/EmptyState.tsx'
import { Problem } from '../../components/Notice.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { rowClass, Rows, RowSkeletons } from '../../components/Rows.tsx'
import { StateBadge } from '../../components/StateBadge.tsx'
import { between, duration, exactly } from '../../lib/time.ts'
import classes from './TaskRows.module.css'
import { whyHeld } from './whyHeld.ts'

/** Characters of an id that are shown: its time in milliseconds. Searching for them finds the task. */
const SHORT_ID = 13

const NOTHING: Record<TaskState, string> = {
  PENDING: 'No pending tasks',
  STARTED: 'No running tasks',
  WAITING: 'No waiting tasks',
  SUCCESS: 'No successful tasks yet',
  FAILURE: 'No failed tasks',
  CANCELLED: 'No cancelled tasks',
}

/** Tasks, newest first, as they come. */
export function TaskRows({
  filter,
  live,
  withAgent,
}: {
  filter: TaskFilter
  live: boolean
  withAgent: boolean
}) {
  const query = useInfiniteQuery(tasksQuery(filter, { live }))
  const tasks = query.data?.pages.flatMap((page) => page.data)

  if (query.isError && !tasks) return <Problem error={query.error} />
  const searchedBackTo = query.data?.pages.at(-1)?.searched_back_to ?? null
  if (tasks?.length === 0 && searchedBackTo === null && filter.q !== undefined) {
    return (
      <EmptyState title="No tasks found">
        <p>No payload, result or error contains &ldquo;{filter.q}&rdquo;, and no task ID begins with it.</p>
      </EmptyState>
    )
  }
  if (tasks?.length === 0 && searchedBackTo === null) {
    return (
      <EmptyState title={filter.state ? NOTHING[filter.state] : 'No tasks yet'}>
        {filter.state ? (
          <p>New tasks appear here automatically.</p>
        ) : (
          <p>
            Every request to an agent&rsquo;s URL becomes a task. Send a test from the agent&rsquo;s page to
            see one here.
          </p>
        )}
      </EmptyState>
    )
  }
  return (
    <>
      {query.isError && <Problem error={query.error} />}
      <Rows
        label="Tasks"
        heads={['State', withAgent ? 'Agent' : 'Task', 'Source', 'Received', 'Duration']}
        columns="7.5rem minmax(0, 1fr) 6.5rem 7rem 5.5rem"
      >
        {tasks?.map((task) => <Row key={task.id} task={task} withAgent={withAgent} />) ?? (
          <RowSkeletons count={8} />
        )}
      </Rows>
      {query.hasNextPage && (
        <div className={classes.more}>
          <Button
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {searchedBackTo === null ? 'Load more' : `Search before ${exactly(new Date(searchedBackTo))}`}
          </Button>
        </div>
      )}
    </>
  )
}

function Row({ task, withAgent }: { task: TaskSummary; withAgent: boolean }) {
  return (
    <li>
      <Link
        to="/tasks/$taskId"
        params={{ taskId: task.id }}
        // Lists change under the pointer: what it passes over is not what is wanted.
        preload={false}
        className={`${rowClass} ${classes.row}`}
      >
        <StateBadge state={task.state} />
        <span className={classes.what}>
          {withAgent ? (
            <span className={classes.name}>{task.agent_name}</span>
          ) : (
            <span className={classes.name}>{task.excerpt}</span>
          )}
          <span className={classes.error}>
            <code className={classes.id}>{task.id.slice(0, SHORT_ID)}</code>
            {withAgent && ` ${task.excerpt}`}
          </span>
          {task.error && task.state !== 'SUCCESS' && (
            <span className={classes.error}>{task.error.message}</span>
          )}
          {task.held && <span className={classes.error}>{whyHeld(task.held)}</span>}
        </span>
        <span className={classes.dim}>{task.origin}</span>
        <span className={classes.dim}>
          <RelativeTime at={task.created_at} />
        </span>
        <span className={classes.dim}>{ranFor(task)}</span>
      </Link>
    </li>
  )
}

function ranFor({ state, started_at: from, finished_at: to, waited_ms: waited }: TaskSummary): string {
  if (from === null) return '–'
  if (state === 'WAITING') return 'waiting'
  return hasEnded(state) ? duration(between(from, to) - waited) : 'running'
}
