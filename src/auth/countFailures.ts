import type { Database } from '../db/database.ts'

/** One wrong credential; `perSeconds` is the length of the window that it is counted in. */
export type Failure = { kind: string; address: string; perSeconds: number }

/** How many there are in the window by now, this one included, and when it ends. */
export type Counted = { failures: number; resetsInMs: number }

/** More than any limit; keeps the number within its column. */
const MOST = 1_000_000

/** Adds failures to those of their addresses. A window begins with its first failure. Results are in the order of the input. */
export async function countFailures(db: Database, failures: Failure[]): Promise<Counted[]> {
  const groups = new Map<string, Failure & { count: number }>()
  const places = failures.map((failure) => {
    const key = keyOf(failure)
    const group = groups.get(key) ?? { ...failure, count: 0 }
    groups.set(key, group)
    return { key, place: (group.count += 1) }
  })
  const all = [...groups.values()]
  const { rows } = await db.pool.query<{ kind: string; address: string; failures: number; ms: number }>({
    name: 'failures_count',
    text: `insert into bellwire.failed_attempts as f (kind, address, failures, resets_at)
      select kind, address, n, now() + make_interval(secs => seconds)
      from unnest($1::text[], $2::text[], $3::int[], $4::float8[]) as i(kind, address, n, seconds)
      order by kind, address
      on conflict (kind, address) do update set
        failures = case when f.resets_at <= now() then excluded.failures
          else least(f.failures + excluded.failures, ${MOST}) end,
        resets_at = case when f.resets_at <= now() then excluded.resets_at else f.resets_at end
      returning kind, address, failures, (extract(epoch from resets_at - now()) * 1000)::float8 as ms`,
    values: [
      all.map(({ kind }) => kind),
      all.map(({ address }) => address),
      all.map(({ count }) => count),
      all.map(({ perSeconds }) => perSeconds),
    ],
  })
  const totals = new Map(rows.map((row) => [keyOf(row), row]))
  return places.map(({ key, place }) => {
    const row = totals.get(key)
    const before = (row?.failures ?? 0) - (groups.get(key)?.count ?? 0)
    return { failures: before + place, resetsInMs: row?.ms ?? 0 }
  })
}

function keyOf({ kind, address }: { kind: string; address: string }): string {
  return `${kind} ${address}`
}
