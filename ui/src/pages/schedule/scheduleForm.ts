import type { Schedule } from '../../api/types.ts'
import { prettyJson } from '../../lib/json.ts'

/** A schedule as a person edits it. */
export type ScheduleForm = {
  name: string
  cron: string
  time_zone: string
  /** JSON. */
  payload: string
  overlap: boolean
  enabled: boolean
}

/** Where errors of it are shown. */
export const FIELDS = ['name', 'cron', 'time_zone', 'payload', 'overlap', 'enabled'] as const

const LABELS: Record<keyof ScheduleForm, string> = {
  name: 'Name',
  cron: 'Cron expression',
  time_zone: 'Time zone',
  payload: 'Payload',
  overlap: 'Allow overlap',
  enabled: 'Enabled',
}

export function labelOf(field: keyof ScheduleForm): string {
  return LABELS[field]
}

export function toForm(schedule: Schedule | undefined): ScheduleForm {
  return {
    name: schedule?.name ?? '',
    cron: schedule?.cron ?? '',
    time_zone: schedule?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    payload: schedule ? prettyJson(schedule.payload) : '{\n  "question": "Report on {{ beat.date }}."\n}',
    overlap: schedule?.overlap ?? true,
    enabled: schedule?.enabled ?? true,
  }
}
