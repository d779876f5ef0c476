import { Autocomplete, Button, Switch, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, type ReactNode, type SyntheticEvent } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { call } from '../../api/client.ts'
import { saveMatching } from '../../api/saveMatching.ts'
import { allSchedulesQuery, schedulesPath, schedulesQuery } from '../../api/scheduleQueries.ts'
import type { Schedule } from '../../api/types.ts'
import { CodeArea } from '../../components/CodeArea.tsx'
import { MergeChanges } from '../../components/MergeChanges.tsx'
import { FormProblem } from '../../components/FormProblem.tsx'
import { cronWords } from '../../lib/cronWords.ts'
import { parseJson } from '../../lib/json.ts'
import { mergeForms } from '../../lib/mergeForms.ts'
import { useFormErrors } from '../../lib/useFormErrors.ts'
import { isOverlapping, useMergedForm } from '../../lib/useMergedForm.ts'
import { LeaveGuard } from '../agent/LeaveGuard.tsx'
import { FIELDS, labelOf, toForm } from './scheduleForm.ts'
import classes from './Schedules.module.css'

const ZONES = Intl.supportedValuesOf('timeZone')
const MOST_ZONES_SHOWN = 12

/** Makes a schedule, or changes the one that is given. */
export function ScheduleForm({
  agentId,
  schedule,
  before,
  onDone,
}: {
  /** Undefined while none is chosen for a new one. */
  agentId: string | undefined
  schedule?: Schedule
  /** Fields of the page above those of the schedule. */
  before?: ReactNode
  onDone: () => void
}) {
  const client = useQueryClient()
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const { base, form, setForm, initial, dirty, merge, theirs, continueFrom } = useMergedForm({
    latest: schedule,
    isNewer: (one, other) => Date.parse(one?.updated_at ?? '') > Date.parse(other?.updated_at ?? ''),
    toForm,
  })
  const path = schedulesPath(agentId ?? '')
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: schedulesQuery(agentId ?? '').queryKey }),
      client.invalidateQueries({ queryKey: allSchedulesQuery.queryKey }),
    ])
  const save = useMutation({
    mutationFn: (body: unknown) =>
      base
        ? saveMatching({
            base,
            save: (headers) => call<Schedule>('PATCH', `${path}/${base.id}`, { body, headers }),
            readLatest: () => call<Schedule>('GET', `${path}/${base.id}`),
            isOverlapping: (latest) => isOverlapping(mergeForms(initial, form, toForm(latest))),
          })
        : call<Schedule>('POST', path, { body }),
    onSuccess: async () => {
      await refresh()
      onDone()
    },
    onError: async (failure) => {
      if (ApiError.isOvertaken(failure)) await refresh()
    },
  })
  const error = ApiError.isOvertaken(save.error) ? null : save.error
  const { errors, isMarked, rest, setOwn } = useFormErrors(error, FIELDS)

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

  return (
    <>
      {merge && schedule && (
        <MergeChanges
          key={schedule.version}
          title="This schedule was saved while you were editing"
          merge={merge}
          theirs={theirs}
          labelOf={labelOf}
          onMerge={(merged) => continueFrom(schedule, merged)}
          onDiscard={() => continueFrom(schedule)}
        />
      )}
      <form onSubmit={submit} noValidate className={classes.form}>
        {before}
        <div className={classes.pair}>
          <TextInput
            label="Name"
            ref={first}
            placeholder="Morning report"
            maxLength={200}
            {...text('name')}
          />
          <TextInput
            label="Cron expression"
            required
            description={
              cronWords(form.cron) ??
              'Minute, hour, day of month, month, day of week; or @hourly, @daily, @weekly'
            }
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
        <CodeArea
          label="Payload"
          description={
            <>
              Any JSON. Texts are Liquid templates over <code>beat</code> (<code>time</code>,{' '}
              <code>local</code>, <code>date</code>, <code>time_zone</code>) and <code>schedule</code>.
            </>
          }
          minRows={3}
          maxRows={20}
          {...text('payload')}
        />
        <Switch
          label="Allow overlap"
          description="If off, a beat is skipped while the task of an earlier beat is unfinished."
          {...toggle('overlap')}
        />
        {schedule === undefined && <Switch label="Enabled" {...toggle('enabled')} />}
        <FormProblem error={error} isMarked={isMarked} rest={rest} />
        <div className={classes.actions}>
          <Button
            type="submit"
            loading={save.isPending}
            disabled={agentId === undefined || merge !== undefined || (schedule !== undefined && !dirty)}
          >
            {schedule ? 'Save' : 'Create schedule'}
          </Button>
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
        </div>
        <LeaveGuard dirty={dirty && !save.isSuccess} />
      </form>
    </>
  )
}
