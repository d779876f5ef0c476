import { Allowed } from '../../components/Allowed.tsx'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { taskCountsQuery } from '../../api/taskListQueries.ts'
import { EmptyState } from '../../components/EmptyState.tsx'
import { Problem } from '../../components/Notice.tsx'
import { counted } from '../../lib/amounts.ts'
import type { TaskSearch } from '../../lib/taskSearch.ts'
import { hintOfError, titleOfError } from './errorTitles.ts'
import classes from './ErrorGroups.module.css'
import { ReplayAll } from './ReplayAll.tsx'

/** Failed tasks by their error: what happened, how often, and what to do about it. */
export function ErrorGroups({ search, live }: { search: TaskSearch; live: boolean }) {
  const { data, error } = useQuery(taskCountsQuery(search, { live }))
  if (error && !data) return <Problem error={error} />
  if (!data) return <Skeleton height="12rem" />
  if (data.errors.length === 0) {
    return (
      <EmptyState title="No failed tasks">
        <p>No task of this search ended with an error.</p>
      </EmptyState>
    )
  }
  const most = data.errors[0]?.count ?? 1
  return (
    <ul className={classes.groups} aria-label="Errors">
      {data.errors.map((group) => (
        <Group key={group.code} {...group} most={most} search={search} />
      ))}
    </ul>
  )
}

function Group({
  code,
  count,
  most,
  search: { group: _group, ...search },
}: {
  code: string
  count: number
  most: number
  search: TaskSearch
}) {
  const own: TaskSearch = { ...search, state: 'FAILURE', error: code }
  return (
    <li className={classes.group}>
      <div className={classes.what}>
        <Link to="/tasks" search={own} preload={false} className={classes.title}>
          {titleOfError(code)}
        </Link>
        <p className={classes.hint}>{hintOfError(code)}</p>
        <code className={classes.code}>{code}</code>
      </div>
      <div className={classes.count}>
        <strong>{counted(count, 'task')}</strong>
        <span className={classes.bar} aria-hidden="true">
          <span style={{ width: `${Math.max(2, (100 * count) / most)}%` }} />
        </span>
      </div>
      <Allowed least="editor">
        <ReplayAll search={own} label="Replay all" />
      </Allowed>
    </li>
  )
}
