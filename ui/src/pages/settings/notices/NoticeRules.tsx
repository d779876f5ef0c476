import { Button, Switch, TextInput } from '@mantine/core'
import { useState, type SyntheticEvent } from 'react'
import { ApiError } from '../../../api/apiError.ts'
import type { NoticeSettings } from '../../../api/types.ts'
import { Allowed } from '../../../components/Allowed.tsx'
import { MergeChanges } from '../../../components/MergeChanges.tsx'
import { FormProblem } from '../../../components/FormProblem.tsx'
import { Notice } from '../../../components/Notice.tsx'
import { Panel } from '../../../components/Panel.tsx'
import { mergeForms } from '../../../lib/mergeForms.ts'
import { useFormErrors } from '../../../lib/useFormErrors.ts'
import { LeaveGuard } from '../../agent/LeaveGuard.tsx'
import classes from '../Settings.module.css'
import { QuietHoursFields } from './QuietHoursFields.tsx'
import { changeOf, RULE_FIELDS, RULE_LABELS, toRules, type RuleFields } from './ruleForm.ts'
import { useSaveNotices } from './saveNotices.ts'

/** What people are told about, when it is held back, and how much is sent. */
export function NoticeRules({ settings }: { settings: NoticeSettings }) {
  const [base, setBase] = useState(settings)
  const [form, setForm] = useState(() => toRules(settings))
  const [isDone, setDone] = useState(false)
  const save = useSaveNotices((next) => {
    setBase(next)
    setForm(toRules(next))
    setDone(true)
  })
  const { errors, isMarked, rest, setOwn } = useFormErrors(save.error, RULE_FIELDS)
  const isDirty = JSON.stringify(form) !== JSON.stringify(toRules(base))
  // Channels are saved by themselves: only other rules contradict.
  const isOvertaken = ApiError.isOvertaken(save.error) && settings.version !== base.version
  const theirs = toRules(settings)

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const { change, errors: own } = changeOf(form)
    setOwn(own)
    if (Object.keys(own).length > 0) return
    const isSameRules = JSON.stringify(theirs) === JSON.stringify(toRules(base))
    save.mutate({ base: isSameRules ? settings : base, change })
  }
  function rebase(next: RuleFields): void {
    setBase(settings)
    setForm(next)
    save.reset()
  }
  const edit = (change: Partial<RuleFields>): void => {
    setForm({ ...form, ...change })
    setDone(false)
  }
  const text = (
    field: 'reminders_minutes' | 'failures_in_a_row' | 'queue_age_minutes' | 'group_seconds' | 'max_per_hour',
  ) => ({
    label: RULE_LABELS[field],
    value: form[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) => edit({ [field]: event.currentTarget.value }),
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as (
      'label' | 'input' | 'description' | 'error'
    )[],
    'data-field': field,
  })
  const toggle = (field: 'approvals' | 'budget' | 'callbacks' | 'silence' | 'loops') => ({
    label: RULE_LABELS[field],
    checked: form[field],
    onChange: () => edit({ [field]: !form[field] }),
  })

  return (
    <Panel title="Causes">
      <form onSubmit={submit} noValidate className={classes.settingsForm} aria-label="Causes of notices">
        {isOvertaken && (
          <MergeChanges
            title="Somebody else has changed the notices"
            merge={mergeForms(toRules(base), form, theirs)}
            theirs={theirs}
            labelOf={(field) => RULE_LABELS[field]}
            onMerge={rebase}
            onDiscard={() => rebase(theirs)}
          />
        )}
        <Switch {...toggle('approvals')} description="An approval or a question is waiting for a person" />
        <Switch {...toggle('budget')} description="A daily budget has reached 50, 80 or 100%" />
        <Switch
          {...toggle('callbacks')}
          description="A callback was switched off, or deliveries or replies failed"
        />
        <Switch {...toggle('silence')} description="A webhook that expects requests has been silent" />
        <Switch {...toggle('loops')} description="Tasks are held because a loop is suspected" />
        <div className={classes.pair}>
          <TextInput {...text('failures_in_a_row')} inputMode="numeric" description="Empty to turn off" />
          <TextInput {...text('queue_age_minutes')} inputMode="numeric" description="Empty to turn off" />
          <TextInput
            {...text('reminders_minutes')}
            description="While an approval is still waiting, such as 60, 480"
          />
        </div>
        <div className={classes.pair}>
          <TextInput
            {...text('group_seconds')}
            inputMode="numeric"
            description="Notices of the same kind are combined into one message"
          />
          <TextInput
            {...text('max_per_hour')}
            inputMode="numeric"
            description="For each kind; any others are grouped"
          />
        </div>
        <QuietHoursFields form={form} errors={errors} onChange={edit} />
        <FormProblem error={isOvertaken ? null : save.error} isMarked={isMarked} rest={rest} />
        {isDone && <Notice tone="good" title="Saved" />}
        <Allowed least="owner" instead={<p className={classes.about}>Only owners can change this.</p>}>
          <div className={classes.actions}>
            <Button type="submit" loading={save.isPending} disabled={!isDirty || isOvertaken}>
              Save
            </Button>
            <Button variant="default" disabled={!isDirty} onClick={() => setForm(toRules(base))}>
              Discard
            </Button>
          </div>
        </Allowed>
        <LeaveGuard dirty={isDirty} />
      </form>
    </Panel>
  )
}
