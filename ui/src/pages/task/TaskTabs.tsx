import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { taskCountsQuery, type TaskFilter } from '../../api/queries.ts'
import type { TaskState } from '../../api/types.ts'
import { STATE_NAMES } from '../../components/StateBadge.tsx'
import classes from './TaskTabs.module.css'

/** How many tasks came in lately, by state; each number leads to its tasks. */
export function TaskTabs({
  filter,
  state,
  live,
}: {
  filter: TaskFilter
  state: TaskState | undefined
  live: boolean
}) {
  const { data } = useQuery(taskCountsQuery(filter, { live }))
  const counts = Object.entries(STATE_NAMES).map(([name, label]) => ({
    state: name as TaskState,
    label,
    count: data?.states[name] ?? 0,
  }))
  return (
    <nav className={classes.tabs} aria-label="Last 24 hours">
      <span className={classes.when}>Last 24 hours{data?.counted_back_to ? ', at least' : ''}</span>
      <Tab state={undefined} label="All" count={data?.total} current={state === undefined} />
      {counts
        .filter((tab) => tab.count > 0 || tab.state === state)
        .map((tab) => (
          <Tab key={tab.state} {...tab} current={tab.state === state} />
        ))}
    </nav>
  )
}

function Tab({
  state,
  label,
  count,
  current,
}: {
  state: TaskState | undefined
  label: string
  count: number | undefined
  current: boolean
}) {
  return (
    <Link
      to="/tasks"
      search={({ state: _before, ...rest }) => (state === undefined ? rest : { ...rest, state })}
      replace
      aria-current={current ? 'page' : undefined}
      className={classes.tab}
    >
      {label} <span className={classes.count}>{count?.toLocaleString('en-GB') ?? '…'}</span>
    </Link>
  )
}
