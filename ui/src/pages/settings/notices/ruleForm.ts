import type { NoticeKind, NoticeSettings } from '../../../api/types.ts'

type Days = NonNullable<NonNullable<NoticeSettings['quiet_hours']>['days']>

/** The rules of notices as they are edited; an empty number is never. */
export type RuleFields = Pick<NoticeSettings, 'approvals' | 'budget' | 'callbacks' | 'silence' | 'loops'> & {
  reminders_minutes: string
  failures_in_a_row: string
  queue_age_minutes: string
  group_seconds: string
  max_per_hour: string
  quiet_hours: { on: boolean; from: string; to: string; time_zone: string; days: Days; urgent: NoticeKind[] }
}

export const RULE_FIELDS = [
  'reminders_minutes',
  'failures_in_a_row',
  'queue_age_minutes',
  'group_seconds',
  'max_per_hour',
  'quiet_hours/from',
  'quiet_hours/to',
  'quiet_hours/time_zone',
  'quiet_hours',
] as const

export type RuleErrors = Partial<Record<(typeof RULE_FIELDS)[number], string>>

export const RULE_LABELS: Readonly<Record<keyof RuleFields, string>> = {
  approvals: 'Approvals and questions',
  budget: 'Budgets',
  callbacks: 'Failing callbacks',
  silence: 'Silent webhooks',
  loops: 'Suspected loops',
  reminders_minutes: 'Reminders after (minutes)',
  failures_in_a_row: 'Failures in a row',
  queue_age_minutes: 'Queue age (minutes)',
  group_seconds: 'Collect for (seconds)',
  max_per_hour: 'Max messages per hour',
  quiet_hours: 'Quiet hours',
}

export function toRules(settings: NoticeSettings): RuleFields {
  const { approvals, budget, callbacks, silence, loops, quiet_hours: quiet } = settings
  return {
    approvals,
    budget,
    callbacks,
    silence,
    loops,
    reminders_minutes: settings.reminders_minutes.join(', '),
    failures_in_a_row: String(settings.failures_in_a_row ?? ''),
    queue_age_minutes: String(settings.queue_age_minutes ?? ''),
    group_seconds: String(settings.group_seconds),
    max_per_hour: String(settings.max_per_hour),
    quiet_hours: {
      on: quiet !== null,
      from: quiet?.from ?? '22:00',
      to: quiet?.to ?? '07:00',
      time_zone: quiet?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      days: quiet?.days ?? [],
      urgent: quiet?.urgent ?? [],
    },
  }
}

/** What is sent, or what is wrong with what was typed. The limits of each number are the server's. */
export function changeOf(form: RuleFields): { change: Record<string, unknown>; errors: RuleErrors } {
  const errors: RuleErrors = {}
  const number = (
    field: 'failures_in_a_row' | 'queue_age_minutes' | 'group_seconds' | 'max_per_hour',
    optional: boolean,
  ) => {
    const text = form[field].trim()
    if (/^\d+$/.test(text)) return Number(text)
    if (text !== '' || !optional) errors[field] = 'Enter a whole number.'
    return null
  }
  const reminders = form.reminders_minutes.split(/[\s,;]+/).filter((part) => part !== '')
  if (reminders.some((part) => !/^\d+$/.test(part))) {
    errors.reminders_minutes = 'Enter whole numbers separated by commas, such as 60, 480.'
  }
  const { on, days, ...quiet } = form.quiet_hours
  const { approvals, budget, callbacks, silence, loops } = form
  const change = {
    approvals,
    budget,
    callbacks,
    silence,
    loops,
    reminders_minutes: reminders.map(Number),
    failures_in_a_row: number('failures_in_a_row', true),
    queue_age_minutes: number('queue_age_minutes', true),
    group_seconds: number('group_seconds', false),
    max_per_hour: number('max_per_hour', false),
    quiet_hours: on ? { ...quiet, ...(days.length === 0 ? {} : { days }) } : null,
  }
  return { change, errors }
}
