import { Allowed } from '../components/Allowed.tsx'
import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { taskCountsQuery } from '../api/taskListQueries.ts'
import { useConnection } from '../api/connection.ts'
import { PageHeader } from '../components/PageHeader.tsx'
import type { TaskSearch } from '../lib/taskSearch.ts'
import { useTitle } from '../lib/useTitle.ts'
import { ErrorGroups } from './tasks/ErrorGroups.tsx'
import { FilterChips } from './tasks/FilterChips.tsx'
import { ReplayAll } from './tasks/ReplayAll.tsx'
import { useSavedViews } from './tasks/SavedViews.tsx'
import { TaskFilters } from './tasks/TaskFilters.tsx'
import { TaskTable } from './tasks/TaskTable.tsx'
import { TaskTabs } from './tasks/TaskTabs.tsx'
import classes from './Tasks.module.css'

const route = getRouteApi('/inside/tasks')

/** The tasks of all agents. */
export function Tasks() {
  useTitle('Tasks')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [wanted, setLive] = useState(true)
  const isConnected = useConnection().state === 'live'
  const live = wanted && isConnected
  const views = useSavedViews(search)
  const { data: counts } = useQuery(taskCountsQuery(search, { live }))

  /** Changes the URL; an empty filter is left out of it. */
  function change(changes: Partial<Record<keyof TaskSearch, string | number | undefined>>): void {
    const entries = Object.entries({ ...search, ...changes })
    const next = Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== ''))
    void navigate({ search: next as TaskSearch, replace: true })
  }

  const isFailed = search.state === 'FAILURE'
  const isGrouped = isFailed && search.group === 'error'
  const total = search.state === undefined ? counts?.total : counts?.states[search.state]
  return (
    <>
      <PageHeader
        title="Tasks"
        under="Every accepted request and its run, newest first."
        actions={
          <Button
            variant="default"
            aria-pressed={wanted}
            onClick={() => setLive(!wanted)}
            leftSection={<span className={classes.pulse} data-live={live || undefined} />}
          >
            {live ? 'Live' : wanted ? 'Not connected' : 'Paused'}
          </Button>
        }
      />
      <TaskFilters search={search} onChange={change}>
        {views.save}
      </TaskFilters>
      <FilterChips
        search={search}
        onRemove={(names) => change(Object.fromEntries(names.map((name) => [name, undefined])))}
      />
      {views.list}
      <TaskTabs search={search} live={live} />
      {isFailed && (counts?.states['FAILURE'] ?? 0) > 0 && (
        <div className={classes.failed}>
          <SegmentedControl
            aria-label="Show failed tasks"
            size="xs"
            data={[
              { value: 'tasks', label: 'Tasks' },
              { value: 'error', label: 'By error' },
            ]}
            value={isGrouped ? 'error' : 'tasks'}
            onChange={(shown) => change({ group: shown === 'error' ? 'error' : undefined })}
          />
          <Allowed least="editor">
            {!isGrouped && <ReplayAll search={search} label="Replay all failed" />}
          </Allowed>
        </div>
      )}
      {isGrouped ? (
        <ErrorGroups search={search} live={live} />
      ) : (
        <TaskTable search={search} live={live} total={counts?.counted_back_to == null ? total : undefined} />
      )}
    </>
  )
}
