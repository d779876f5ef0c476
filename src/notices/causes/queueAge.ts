import type { Cause } from './cause.ts'

/** Rows at the head of the queue that are looked at: the oldest are among them, as the order is nearly that of arrival. */
const HEAD = 1_000

/** A task that is due and has not been started for too long: once an hour while that is so. */
export const queueAge: Cause = async (db, { queue_age_minutes: minutes }) => {
  if (minutes === null) return []
  const { rows } = await db.query<{ age: number | null; hour: string }>(
    `select (extract(epoch from now() - min(q.due_at)) / 60)::float8 as age,
        to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24') as hour
      from (select due_at from bellwire.queue where rank is not null order by rank limit ${HEAD}) q`,
  )
  const { age = null, hour = '' } = rows[0] ?? {}
  if (age === null || age < minutes) return []
  const title = `A task has been in the queue for ${Math.floor(age)} minutes: there are too few workers, or they are slow or not running`
  return [{ key: `queue:${hour}`, kind: 'queue', title }]
}
