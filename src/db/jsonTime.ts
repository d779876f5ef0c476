/** SQL that writes an instant as our JSON does: ISO 8601, in UTC. */
export function jsonTime(instant: string): string {
  return `to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}
