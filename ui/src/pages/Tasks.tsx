import { Button, NativeSelect } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { agentsQuery } from '../api/queries.ts'
import type { TaskState } from '../api/types.ts'
import { PageHeader } from '../components/PageHeader.tsx'
import { STATE_NAMES } from '../components/StateBadge.tsx'
import { useTitle } from '../lib/useTitle.ts'
import { ReplayFailed } from './task/ReplayFailed.tsx'
import { TaskRows } from './task/TaskRows.tsx'
import { TaskSearchField } from './task/TaskSearchField.tsx'
import { TaskTabs } from './task/TaskTabs.tsx'
import classes from './Tasks.module.css'

const route = getRouteApi('/inside/tasks')

const STATES = Object.entries(STATE_NAMES).map(([value, label]) => ({ value, label }))

/** What came in and what became of it, for all agents. */
export function Tasks() {
  useTitle('Tasks')
  const { state, agent, q } = route.useSearch()
  const navigate = route.useNavigate()
  const [live, setLive] = useState(true)
  const agents = useInfiniteQuery(agentsQuery).data?.pages.flatMap((page) => page.data) ?? []

  return (
    <>
      <PageHeader
        title="Tasks"
        under="Every accepted request and its run, newest first."
        actions={
          <>
            {state === 'FAILURE' && <ReplayFailed key={agent ?? ''} agentId={agent} />}
            <Button
              variant="default"
              aria-pressed={live}
              onClick={() => setLive(!live)}
              leftSection={<span className={classes.pulse} data-live={live || undefined} />}
            >
              {live ? 'Live' : 'Paused'}
            </Button>
          </>
        }
      />
      <div className={classes.filters}>
        <TaskSearchField
          key={q ?? ''}
          text={q ?? ''}
          onSearch={(text) =>
            void navigate({
              search: ({ q: _before, ...rest }) => (text === '' ? rest : { ...rest, q: text }),
              replace: true,
            })
          }
        />
        <NativeSelect
          label="State"
          data={[{ value: '', label: 'All states' }, ...STATES]}
          value={state ?? ''}
          onChange={(event) => {
            const chosen = event.currentTarget.value as TaskState | ''
            void navigate({
              search: ({ state: _before, ...rest }) => (chosen === '' ? rest : { ...rest, state: chosen }),
              replace: true,
            })
          }}
        />
        <NativeSelect
          label="Agent"
          data={[
            { value: '', label: 'All agents' },
            ...agents.map(({ id, name }) => ({ value: id, label: name })),
            // One that was deleted, or that stands further down the list.
            ...(agent !== undefined && !agents.some(({ id }) => id === agent)
              ? [{ value: agent, label: 'Another agent' }]
              : []),
          ]}
          value={agent ?? ''}
          onChange={(event) => {
            const chosen = event.currentTarget.value
            void navigate({
              search: ({ agent: _before, ...rest }) => (chosen === '' ? rest : { ...rest, agent: chosen }),
              replace: true,
            })
          }}
        />
      </div>
      <TaskTabs filter={{ agentId: agent, q }} state={state} live={live} />
      <TaskRows filter={{ state, agentId: agent, q }} live={live} withAgent />
    </>
  )
}
