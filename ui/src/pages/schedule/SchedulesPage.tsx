import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { allSchedulesQuery } from '../../api/scheduleQueries.ts'
import type { AgentSchedule } from '../../api/types.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { EmptyState } from '../../components/EmptyState.tsx'
import { Icon } from '../../components/Icon.tsx'
import { LoadMore } from '../../components/LoadMore.tsx'
import { Problem } from '../../components/Notice.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { rowClass, Rows, RowSkeletons } from '../../components/Rows.tsx'
import { StateBadge } from '../../components/StateBadge.tsx'
import { beatTime } from '../../lib/beatTime.ts'
import { cronWords } from '../../lib/cronWords.ts'
import { useTitle } from '../../lib/useTitle.ts'
import { NewSchedule } from './NewSchedule.tsx'
import classes from './SchedulesPage.module.css'

/** The schedules of all agents: when each runs next, and how the last beat went. */
export function SchedulesPage() {
  useTitle('Schedules')
  const query = useInfiniteQuery(allSchedulesQuery)
  const schedules = query.data?.pages.flatMap((page) => page.data)
  const [isCreating, setCreating] = useState(false)
  const add = (
    <Allowed least="editor">
      <Button leftSection={<Icon name="plus" />} onClick={() => setCreating(true)}>
        New schedule
      </Button>
    </Allowed>
  )
  const isEmpty = schedules?.length === 0

  return (
    <>
      <PageHeader
        title="Schedules"
        under="Start agents at set times. Newest first."
        {...(isCreating || isEmpty ? {} : { actions: add })}
      />
      {query.isError && <Problem error={query.error} />}
      {isCreating && (
        <div className={classes.creating}>
          <NewSchedule onDone={() => setCreating(false)} />
        </div>
      )}
      {isEmpty
        ? !isCreating && (
            <EmptyState title="No schedules yet" action={add}>
              <p>
                A schedule starts an agent at the times of a cron expression, with a payload that you choose.
              </p>
            </EmptyState>
          )
        : !(query.isError && !schedules) && (
            <Rows
              label="Schedules"
              heads={['Schedule', 'Runs', 'Next beat', 'Last beat', 'Task']}
              columns="minmax(0, 1.2fr) minmax(0, 1.4fr) minmax(0, 1fr) minmax(0, 1fr) 4.5rem"
            >
              {schedules?.map((schedule) => <Row key={schedule.id} schedule={schedule} />) ?? (
                <RowSkeletons count={6} lines={2} />
              )}
            </Rows>
          )}
      <LoadMore query={query} />
    </>
  )
}

function Row({ schedule }: { schedule: AgentSchedule }) {
  const { agent_id: agentId, cron, time_zone: zone, next_beats: next } = schedule
  const words = cronWords(cron)
  return (
    <li className={classes.item} data-ran={schedule.last_task_id !== null}>
      <Link
        to="/agents/$agentId/schedules"
        params={{ agentId }}
        hash={schedule.id}
        preload={false}
        className={`${rowClass} ${classes.row}`}
      >
        <span className={classes.what}>
          <span className={classes.name}>{schedule.name}</span>
          <span className={classes.dim}>{schedule.agent_name}</span>
        </span>
        <span className={classes.what}>
          <span className={classes.line}>{words ?? <code>{cron}</code>}</span>
          <span className={classes.dim}>
            {words !== undefined && <code>{cron}</code>} {zone}
            {!schedule.overlap && ', no overlap'}
          </span>
        </span>
        <span className={classes.what}>
          {schedule.enabled && next[0] !== undefined ? (
            <>
              <span className={classes.line}>
                <RelativeTime at={next[0]} />
              </span>
              <span className={classes.dim}>{beatTime(next[0], zone)}</span>
            </>
          ) : (
            <span className={classes.paused}>Paused</span>
          )}
        </span>
        <LastBeat schedule={schedule} />
      </Link>
      {schedule.last_task_id !== null && (
        <Link to="/tasks/$taskId" params={{ taskId: schedule.last_task_id }} className={classes.task}>
          Last task
        </Link>
      )}
    </li>
  )
}

function LastBeat({ schedule }: { schedule: AgentSchedule }) {
  const { last_beat_at: lastAt, last_task_state: state, last_skip: skip } = schedule
  const isSkipped = skip !== null && skip.at === lastAt
  return (
    <span className={classes.what}>
      <span className={classes.line}>
        {lastAt === null ? state === null ? 'None yet' : 'Run manually' : <RelativeTime at={lastAt} />}
      </span>
      {isSkipped ? (
        <span className={classes.dim} title={skip.reason}>
          Skipped: {skip.reason}
        </span>
      ) : (
        state !== null && (
          <span>
            <StateBadge state={state} />
          </span>
        )
      )}
    </span>
  )
}
