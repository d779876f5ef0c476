import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { taskCountsQuery } from '../../api/taskListQueries.ts'
import type { TaskState } from '../../api/types.ts'
import { STATES, type TaskSearch } from '../../lib/taskSearch.ts'
import classes from './TaskTabs.module.css'

const LABELS: Record<TaskState, string> = {
  FAILURE: 'Failed',
  WAITING: 'Waiting',
  STARTED: 'Running',
  PENDING: 'Pending',
  SUCCESS: 'Succeeded',
  CANCELLED: 'Cancelled',
}

/** How many tasks the search has, by state; each number links to its tasks. */
export function TaskTabs({ search, live }: { search: TaskSearch; live: boolean }) {
  const { data } = useQuery(taskCountsQuery(search, { live }))
  // If not all could be counted in time, there are more than that.
  const atLeast = data?.counted_back_to != null
  return (
    <nav className={classes.tabs} aria-label="Tasks by state">
      <Tab state={undefined} label="All" count={data?.total} atLeast={atLeast} current={!search.state} />
      {STATES.map((state) => (
        <Tab
          key={state}
          state={state}
          label={LABELS[state]}
          count={data?.states[state]}
          atLeast={atLeast}
          current={search.state === state}
        />
      ))}
    </nav>
  )
}

function Tab({
  state,
  label,
  count,
  atLeast,
  current,
}: {
  state: TaskState | undefined
  label: string
  count: number | undefined
  atLeast: boolean
  current: boolean
}) {
  return (
    <Link
      to="/tasks"
      search={({ state: _state, group: _group, ...rest }) =>
        state === undefined ? rest : { ...rest, state }
      }
      replace
      preload={false}
      activeOptions={{ includeSearch: true, exact: true }}
      aria-current={current ? 'page' : undefined}
      data-current={current || undefined}
      data-state={state}
      data-none={count === 0 || undefined}
      className={classes.tab}
    >
      {label}{' '}
      <span className={classes.count}>
        {count === undefined ? '…' : `${count.toLocaleString('en-GB')}${atLeast ? '+' : ''}`}
      </span>
    </Link>
  )
}
