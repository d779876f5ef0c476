const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago, as briefly as possible: "just now", "4 min ago", "yesterday", "12 Mar". */
export function ago(at: Date, now: Date): string {
  const seconds = (now.getTime() - at.getTime()) / 1000
  if (seconds < -60) return `in ${span(-seconds, Math.round)}`
  if (seconds < 10) return 'just now'
  if (seconds < 30 * DAY) return `${span(seconds)} ago`
  const sameYear = at.getFullYear() === now.getFullYear()
  return at.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  })
}

/** A length of time in its largest unit: "45 s", "15 min", "12 h", "3 days". */
export function roughly(seconds: number): string {
  return span(seconds, Math.round)
}

function span(seconds: number, whole: (value: number) => number = Math.floor): string {
  if (seconds < MINUTE) return `${whole(seconds)} s`
  if (seconds < HOUR) return `${whole(seconds / MINUTE)} min`
  if (seconds < DAY) return `${whole(seconds / HOUR)} h`
  const days = whole(seconds / DAY)
  return days === 1 ? '1 day' : `${days} days`
}

/** Created once: creating it takes longer than using it a hundred times. */
const EXACT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })

/** The full date and time, in the reader's own time zone. */
export function exactly(at: Date): string {
  return EXACT.format(at)
}

/** The time of day, with seconds: "14:03:22". For another day, with the date. */
export function clock(at: Date, now = new Date()): string {
  const time = at.toLocaleTimeString('en-GB')
  if (at.toDateString() === now.toDateString()) return time
  return `${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${time}`
}

/** A point of a chart that covers this many seconds: the time within a day, the date within a month. */
export function momentIn(at: Date, seconds: number): string {
  if (seconds <= 24 * HOUR) return at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  return at.toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(seconds <= 7 * DAY ? { hour: '2-digit', minute: '2-digit' } : {}),
  })
}

/** A length of time: "8 ms", "1.4 s", "2 min 03 s". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < HOUR) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
  return `${Math.floor(seconds / HOUR)} h ${String(Math.floor((seconds % HOUR) / 60)).padStart(2, '0')} min`
}

/** From one ISO time to another, or to now. */
export function between(from: string, to: string | null): number {
  return (to === null ? Date.now() : Date.parse(to)) - Date.parse(from)
}

/** When somebody did something: "14:02", of another day "12 Mar, 14:02". */
export function shortTime(at: Date, now = new Date()): string {
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (at.toDateString() === now.toDateString()) return time
  return `${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${time}`
}
