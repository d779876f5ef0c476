import { Autocomplete, Button, Switch, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import { schedulesPath, schedulesQuery } from '../../api/scheduleQueries.ts'
import type { Schedule } from '../../api/types.ts'
import { Notice, Problem } from '../../components/Notice.tsx'
import { parseJson, prettyJson } from '../../lib/json.ts'
import { useFormErrors } from '../../lib/useFormErrors.ts'
import { LeaveGuard } from '../agent/LeaveGuard.tsx'
import classes from './Schedules.module.css'

const FIELDS = ['name', 'cron', 'time_zone', 'payload', 'overlap', 'enabled'] as const

const ZONES = Intl.supportedValuesOf('timeZone')
const MOST_ZONES_SHOWN = 12

function toForm(schedule: Schedule | undefined) {
  return {
    name: schedule?.name ?? '',
    cron: schedule?.cron ?? '',
    time_zone: schedule?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    payload: schedule ? prettyJson(schedule.payload) : '{\n  "question": "Report on {{ beat.date }}."\n}',
    overlap: schedule?.overlap ?? true,
    enabled: schedule?.enabled ?? true,
  }
}

/** Makes a schedule, or changes the one that is given. */
export function ScheduleForm({
  agentId,
  schedule,
  onDone,
}: {
  agentId: string
  schedule?: Schedule
  onDone: () => void
}) {
  const client = useQueryClient()
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const [initial] = useState(() => toForm(schedule))
  const [form, setForm] = useState(initial)
  const dirty = JSON.stringify(form) !== JSON.stringify(initial)
  const save = useMutation({
    mutationFn: (body: unknown) =>
      schedule
        ? call('PATCH', `${schedulesPath(agentId)}/${schedule.id}`, { body })
        : call('POST', schedulesPath(agentId), { body }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: schedulesQuery(agentId).queryKey })
      onDone()
    },
  })
  const { errors, rest, setOwn } = useFormErrors(save.error, FIELDS)

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const payload = parseJson(form.payload.trim() === '' ? '{}' : form.payload)
    setOwn(payload.ok ? {} : { payload: payload.error })
    if (!payload.ok) return
    const { name, ...settings } = form
    save.mutate({
      ...settings,
      // A new one without a name gets the server's.
      ...(schedule === undefined && name.trim() === '' ? {} : { name }),
      payload: payload.value,
    })
  }
  const text = (field: 'name' | 'cron' | 'payload') => ({
    value: form[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) =>
      setForm({ ...form, [field]: event.currentTarget.value }),
    'data-field': field,
  })
  const toggle = (field: 'overlap' | 'enabled') => ({
    checked: form[field],
    onChange: () => setForm({ ...form, [field]: !form[field] }),
  })
  const isMarked = Object.keys(errors).length > 0

  return (
    <form onSubmit={submit} noValidate className={classes.form}>
      <div className={classes.pair}>
        <TextInput label="Name" ref={first} placeholder="Morning report" maxLength={200} {...text('name')} />
        <TextInput
          label="Cron expression"
          required
          description="Minute, hour, day of month, month, day of week; or @hourly, @daily, @weekly"
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          placeholder="0 9 * * 1-5"
          spellCheck={false}
          {...text('cron')}
        />
        <Autocomplete
          label="Time zone"
          required
          data={ZONES}
          limit={MOST_ZONES_SHOWN}
          spellCheck={false}
          value={form.time_zone}
          error={errors.time_zone}
          onChange={(zone) => setForm({ ...form, time_zone: zone })}
          openOnFocus={false}
          data-field="time_zone"
        />
      </div>
      <Textarea
        label="Payload"
        description={
          <>
            Any JSON. Texts are Liquid templates over <code>beat</code> (<code>time</code>, <code>local</code>
            , <code>date</code>, <code>time_zone</code>) and <code>schedule</code>.
          </>
        }
        classNames={{ input: classes.code }}
        autosize
        minRows={3}
        maxRows={20}
        spellCheck={false}
        {...text('payload')}
      />
      <Switch
        label="Allow overlap"
        description="If off, a beat is skipped while the task of an earlier beat is unfinished."
        {...toggle('overlap')}
      />
      {schedule === undefined && <Switch label="Enabled" {...toggle('enabled')} />}
      {save.isError && !isMarked && <Problem error={save.error} />}
      {isMarked && rest.length > 0 && <Notice tone="bad" title={rest.join('\n')} />}
      <div className={classes.actions}>
        <Button type="submit" loading={save.isPending} disabled={schedule !== undefined && !dirty}>
          {schedule ? 'Save' : 'Create schedule'}
        </Button>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
      </div>
      <LeaveGuard dirty={dirty && !save.isSuccess} />
    </form>
  )
}
