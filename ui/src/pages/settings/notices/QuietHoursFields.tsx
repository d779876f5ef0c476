import { Autocomplete, Checkbox, Switch, TextInput } from '@mantine/core'
import classes from '../Settings.module.css'
import { KIND_NAMES, KINDS } from './channelForm.ts'
import type { RuleErrors, RuleFields } from './ruleForm.ts'

const DAYS = { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' } as const

const DAY_NAMES = Object.keys(DAYS) as (keyof typeof DAYS)[]

const ZONES = Intl.supportedValuesOf('timeZone')
const MOST_ZONES_SHOWN = 12

/** When notices are held back, and what is sent all the same. */
export function QuietHoursFields({
  form,
  errors,
  onChange,
}: {
  form: RuleFields
  errors: RuleErrors
  onChange: (change: Partial<RuleFields>) => void
}) {
  const quiet = form.quiet_hours
  const edit = (change: Partial<RuleFields['quiet_hours']>): void =>
    onChange({ quiet_hours: { ...quiet, ...change } })
  return (
    <>
      <Switch
        label="Quiet hours"
        description="Notices are held, then sent together afterwards"
        checked={quiet.on}
        onChange={() => edit({ on: !quiet.on })}
      />
      {quiet.on && (
        <>
          <div className={classes.pair}>
            <TextInput
              label="From"
              placeholder="22:00"
              value={quiet.from}
              error={errors['quiet_hours/from']}
              onChange={(event) => edit({ from: event.currentTarget.value })}
              data-field="quiet_hours/from"
            />
            <TextInput
              label="To"
              placeholder="07:00"
              value={quiet.to}
              error={errors['quiet_hours/to'] ?? errors.quiet_hours}
              onChange={(event) => edit({ to: event.currentTarget.value })}
              data-field="quiet_hours/to"
            />
            <Autocomplete
              label="Time zone"
              data={ZONES}
              limit={MOST_ZONES_SHOWN}
              spellCheck={false}
              value={quiet.time_zone}
              error={errors['quiet_hours/time_zone']}
              onChange={(zone) => edit({ time_zone: zone })}
              openOnFocus={false}
              data-field="quiet_hours/time_zone"
            />
          </div>
          <Checkbox.Group
            label="Only on nights that begin on"
            description="If none are chosen, every day"
            value={quiet.days}
            onChange={(days) => edit({ days: DAY_NAMES.filter((day) => days.includes(day)) })}
          >
            <div className={classes.checks}>
              {DAY_NAMES.map((day) => (
                <Checkbox key={day} value={day} label={DAYS[day]} />
              ))}
            </div>
          </Checkbox.Group>
          <Checkbox.Group
            label="Sent anyway"
            value={quiet.urgent}
            onChange={(kinds) => edit({ urgent: KIND_NAMES.filter((kind) => kinds.includes(kind)) })}
          >
            <div className={classes.checks}>
              {KIND_NAMES.map((kind) => (
                <Checkbox key={kind} value={kind} label={KINDS[kind]} />
              ))}
            </div>
          </Checkbox.Group>
        </>
      )}
    </>
  )
}
