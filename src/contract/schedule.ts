import { z } from 'zod'
import { Id, Name, Timestamp } from './name.ts'
import { TaskState } from './task.ts'

const Cron = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .meta({
    description:
      'Five fields (minute, hour, day of month, month, day of week), six with seconds in front, or @hourly, @daily, @weekly, @monthly, @yearly',
    examples: ['0 9 * * 1-5'],
  })
const TimeZone = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .meta({ description: 'IANA time zone', examples: ['Europe/Berlin'] })
const Payload = z.unknown().meta({
  description:
    'Any JSON. Strings are templates over `beat` (`time`, `local`, `date`, `time_zone`) and `schedule` (`id`, `name`)',
})
const Overlap = z
  .boolean()
  .meta({ description: "If false, a beat is skipped while an earlier beat's task has not ended" })

/** What an operator decides about a schedule. */
export const ScheduleSettings = z.strictObject({
  name: Name.default('Schedule'),
  cron: Cron,
  time_zone: TimeZone.default('UTC'),
  payload: Payload.default({}),
  overlap: Overlap.default(true),
  enabled: z.boolean().default(true),
})
export type ScheduleSettings = z.infer<typeof ScheduleSettings>

export const SchedulePatch = z.strictObject({
  name: Name.optional(),
  cron: Cron.optional(),
  time_zone: TimeZone.optional(),
  payload: Payload.optional(),
  overlap: Overlap.optional(),
  enabled: z.boolean().optional(),
})
export type SchedulePatch = z.infer<typeof SchedulePatch>

export const Schedule = z
  .object({
    id: Id,
    agent_id: Id,
    name: z.string(),
    cron: z.string(),
    time_zone: z.string(),
    payload: z.unknown(),
    overlap: z.boolean(),
    enabled: z.boolean(),
    next_beats: z
      .array(Timestamp)
      .meta({ description: 'The next five; none while the schedule is disabled' }),
    last_beat_at: Timestamp.nullable(),
    last_task_id: Id.nullable(),
    last_task_state: TaskState.nullable().meta({ description: 'Null also when the task was deleted' }),
    last_skip: z
      .object({ at: Timestamp, reason: z.string() })
      .nullable()
      .meta({ description: 'The last beat that started no task, and why' }),
    version: z.string().meta({ description: 'Changes with each change: the ETag, without its quotes' }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Schedule' })
export type Schedule = z.infer<typeof Schedule>

/** A schedule in the list of all agents. */
export const AgentSchedule = z
  .object({ ...Schedule.shape, agent_name: z.string() })
  .meta({ id: 'AgentSchedule' })
export type AgentSchedule = z.infer<typeof AgentSchedule>

/** The answer when a schedule is triggered by hand. */
export const ScheduleTriggered = z.object({ success: z.literal(true), task_id: Id })
