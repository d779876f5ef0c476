import type { QuietHours } from '../contract/notice.ts'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** Whether a moment is within quiet hours, by the clock of their time zone. */
export function isQuiet({ from, to, time_zone: timeZone, days }: QuietHours, moment: Date): boolean {
  const { day, time } = localTime(moment, timeZone)
  const isOn = (index: number): boolean => !days || days.includes(DAYS[(index + 7) % 7] ?? 'mon')
  if (from < to) return isOn(day) && time >= from && time < to
  // They begin on one day and end on the next.
  return (time >= from && isOn(day)) || (time < to && isOn(day - 1))
}

/** The day of the week, 0 for Monday, and the time as `HH:MM`. */
function localTime(moment: Date, timeZone: string): { day: number; time: string } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(moment)
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? ''
  const day = DAYS.findIndex((name) => name === part('weekday').toLowerCase())
  return { day, time: `${part('hour')}:${part('minute')}` }
}
