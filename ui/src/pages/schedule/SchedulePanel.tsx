import { Button, Switch } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { call } from '../../api/client.ts'
import { allSchedulesQuery, schedulesPath, schedulesQuery } from '../../api/scheduleQueries.ts'
import type { Schedule } from '../../api/types.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { Notice, Problem } from '../../components/Notice.tsx'
import { Panel } from '../../components/Panel.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { StateBadge } from '../../components/StateBadge.tsx'
import { beatTime } from '../../lib/beatTime.ts'
import { cronWords } from '../../lib/cronWords.ts'
import { useScrollToHash } from '../../lib/useScrollToHash.ts'
import { ScheduleForm } from './ScheduleForm.tsx'
import classes from './Schedules.module.css'
import { Allowed } from '../../components/Allowed.tsx'
import { useMay } from '../../lib/useMay.ts'

/** One schedule: when it starts the agent next, how the last beat went, and what can be done. */
export function SchedulePanel({ schedule }: { schedule: Schedule }) {
  const client = useQueryClient()
  const path = `${schedulesPath(schedule.agent_id)}/${schedule.id}`
  const [editing, setEditing] = useState(false)
  const wasEdited = useRef(false)
  const [deleting, setDeleting] = useState(false)
  useScrollToHash(schedule.id)
  const refresh = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: schedulesQuery(schedule.agent_id).queryKey })
    void client.invalidateQueries({ queryKey: allSchedulesQuery.queryKey })
  }

  const toggle = useMutation({
    mutationFn: (enabled: boolean) => call('PATCH', path, { body: { enabled } }),
    onSuccess: refresh,
  })
  const remove = useMutation({ mutationFn: () => call('DELETE', path), onSuccess: refresh })
  const run = useMutation({
    mutationFn: () => call<{ task_id: string }>('POST', `${path}/trigger`),
    onSuccess: refresh,
  })

  const mayEdit = useMay('editor')
  return (
    <Panel
      id={schedule.id}
      title={schedule.name}
      aside={
        <Switch
          label={schedule.enabled ? 'On' : 'Off'}
          aria-label={`Schedule ${schedule.name} is on`}
          checked={schedule.enabled}
          disabled={toggle.isPending || !mayEdit}
          onChange={(event) => toggle.mutate(event.currentTarget.checked)}
        />
      }
    >
      {editing ? (
        <ScheduleForm
          agentId={schedule.agent_id}
          schedule={schedule}
          onDone={() => {
            wasEdited.current = true
            setEditing(false)
          }}
        />
      ) : (
        <>
          <Beats schedule={schedule} />
          <Allowed least="editor">
            <div className={classes.actions}>
              <Button variant="default" loading={run.isPending} onClick={() => run.mutate()}>
                Run now
              </Button>
              <Button
                variant="default"
                // The focus was in the form that is gone.
                ref={(element) => {
                  if (wasEdited.current) element?.focus()
                  wasEdited.current = false
                }}
                onClick={() => setEditing(true)}
              >
                Edit
              </Button>
              <Button variant="subtle" c="dimmed" onClick={() => setDeleting(true)}>
                Delete
              </Button>
            </div>
          </Allowed>
        </>
      )}
      {run.data && (
        <div className={classes.notice}>
          <Notice
            tone="good"
            title="Started"
            action={
              <Link to="/tasks/$taskId" params={{ taskId: run.data.task_id }}>
                Open task
              </Link>
            }
          />
        </div>
      )}
      {run.isError && <Problem error={run.error} />}
      {toggle.isError && <Problem error={toggle.error} />}
      <ConfirmDialog
        opened={deleting}
        title={`Delete ${schedule.name}?`}
        confirm="Delete"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => setDeleting(false)}
      >
        The agent is no longer started by it. Tasks that it has started are kept.
      </ConfirmDialog>
    </Panel>
  )
}

function Beats({ schedule }: { schedule: Schedule }) {
  const { cron, time_zone: zone, next_beats: next, last_skip: skip } = schedule
  const { last_beat_at: lastAt, last_task_id: taskId, last_task_state: state } = schedule
  const words = cronWords(cron)
  return (
    <dl className={classes.facts}>
      <div>
        <dt>Runs</dt>
        <dd>
          {words !== undefined && <>{words}: </>}
          <code>{cron}</code> in {zone}
          {!schedule.overlap && ', unless the previous task is unfinished'}
        </dd>
      </div>
      <div>
        <dt>Next beats</dt>
        <dd>
          {next.length === 0 ? (
            schedule.enabled ? (
              'None'
            ) : (
              'None while it is off'
            )
          ) : (
            <ol className={classes.beats}>
              {next.map((beat, index) => (
                <li key={beat}>
                  {beatTime(beat, zone)}
                  {index === 0 && (
                    <span>
                      {' '}
                      (<RelativeTime at={beat} />)
                    </span>
                  )}
                </li>
              ))}
            </ol>
          )}
        </dd>
      </div>
      <div>
        <dt>Last beat</dt>
        <dd>
          {lastAt === null ? 'None yet' : <RelativeTime at={lastAt} />}
          {taskId !== null && (
            <>
              {' '}
              <Link to="/tasks/$taskId" params={{ taskId }}>
                Last task
              </Link>{' '}
              {state !== null && <StateBadge state={state} />}
            </>
          )}
        </dd>
      </div>
      {skip && (
        <div>
          <dt>Last skipped</dt>
          <dd>
            <RelativeTime at={skip.at} />: {skip.reason}
          </dd>
        </div>
      )}
    </dl>
  )
}
