import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { schedulesQuery } from '../../api/scheduleQueries.ts'
import { EmptyState } from '../../components/EmptyState.tsx'
import { Icon } from '../../components/Icon.tsx'
import { Problem } from '../../components/Notice.tsx'
import { Panel } from '../../components/Panel.tsx'
import { ScheduleForm } from './ScheduleForm.tsx'
import { SchedulePanel } from './SchedulePanel.tsx'
import classes from './Schedules.module.css'
import { Allowed } from '../../components/Allowed.tsx'

const route = getRouteApi('/inside/agents/$agentId')

/** When the agent starts by itself. */
export function SchedulesTab() {
  const { agentId } = route.useParams()
  const { data: schedules, error } = useQuery(schedulesQuery(agentId))
  const [creating, setCreating] = useState(false)

  if (!schedules) return error ? <Problem error={error} /> : <Skeleton height="16rem" />
  const add = (
    <Allowed least="editor">
      <Button leftSection={<Icon name="plus" />} onClick={() => setCreating(true)}>
        New schedule
      </Button>
    </Allowed>
  )
  return (
    <div className={classes.list}>
      {error && <Problem error={error} />}
      {creating ? (
        <Panel title="New schedule">
          <ScheduleForm agentId={agentId} onDone={() => setCreating(false)} />
        </Panel>
      ) : (
        schedules.length > 0 && <div>{add}</div>
      )}
      {schedules.length === 0 && !creating && (
        <EmptyState title="No schedules yet" action={add}>
          <p>
            A schedule starts the agent at the times of a cron expression, with a payload that you choose.
          </p>
        </EmptyState>
      )}
      {schedules.map((schedule) => (
        <SchedulePanel key={schedule.id} schedule={schedule} />
      ))}
    </div>
  )
}
