/** A moment in the time zone of a schedule: "Mon, 30 Nov 2026, 09:00 CET". */
export function beatTime(iso: string, timeZone: string): string {
  const at = new Date(iso)
  const seconds = at.getUTCSeconds() === 0 ? {} : { second: '2-digit' as const }
  const options: Intl.DateTimeFormatOptions = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...seconds,
    timeZoneName: 'short',
  }
  try {
    return at.toLocaleString('en-GB', { ...options, timeZone })
  } catch {
    // A time zone that this browser does not support.
    return at.toLocaleString('en-GB', { ...options, timeZone: 'UTC' })
  }
}
