import type { PoolClient } from 'pg'
import { pipeline, type Database } from '../../db/database.ts'
import { hashToken } from '../../db/token.ts'
import { addFailure, waitOf, type AttemptCount, type AttemptLimit } from './attemptLimits.ts'

/** Something that an attempt is counted for, such as an account or a client address. */
export type AttemptSubject = {
  name: string
  limit: AttemptLimit
  /** Whether a right password clears earlier failures, since they were slips. */
  forgets?: boolean
}

/** The subject that has to wait longest. */
export type Refusal = { name: string; waitMs: number }

/**
 * Counts attempts as failures of all their subjects, in the order of the input. If a subject has to wait, the attempt
 * is refused and not counted.
 *
 * @returns in the order of the input: undefined for an attempt that may go on
 */
export async function countAttempts(
  db: Database,
  attempts: AttemptSubject[][],
): Promise<(Refusal | undefined)[]> {
  const hashes = new Map(attempts.flat().map(({ name }) => [name, hashToken(name)]))
  return db.transaction(async (tx) => {
    const counts = await lockCounts(tx, hashes)
    const changed = new Set<string>()
    const refusals = attempts.map((subjects) => {
      const refusal = longestWait(subjects, counts)
      if (refusal) return refusal
      for (const { name, limit } of subjects) {
        counts.set(name, addFailure(counts.get(name) ?? NONE, limit))
        changed.add(name)
      }
      return undefined
    })
    if (changed.size > 0) await writeCounts(tx, [...changed], { hashes, counts })
    return refusals
  })
}

/**
 * Takes one failure back from each subject, because the attempt did not fail. After a right password, earlier failures
 * are cleared for subjects with `forgets`. Each row has its own statement, so none waits for a lock while holding
 * another.
 */
export async function takeBack(
  db: Database,
  subjects: AttemptSubject[],
  { isRight = false }: { isRight?: boolean } = {},
): Promise<void> {
  await Promise.all(
    subjects.map(({ name, forgets }) =>
      isRight && forgets
        ? db.pool.query('delete from bellwire.password_attempts where subject = $1', [hashToken(name)])
        : db.pool.query(
            `update bellwire.password_attempts set failures = greatest(0, failures - 1), retry_at =
                case when retry_at < resets_at then least(retry_at, now()) else retry_at end
              where subject = $1`,
            [hashToken(name)],
          ),
    ),
  )
}

const NONE: AttemptCount = { failures: 0, retryInMs: 0, resetsInMs: 0 }

type Counts = Map<string, AttemptCount>
type Hashes = ReadonlyMap<string, Buffer>

/** Reads and locks the rows of subjects, always in the same order. Inserts missing rows, so that they can be locked. */
async function lockCounts(tx: PoolClient, hashes: Hashes): Promise<Counts> {
  const subjects = [...hashes.values()].toSorted((a, b) => a.compare(b))
  pipeline(
    tx,
    tx.query({
      name: 'password_attempts_make',
      text: `insert into bellwire.password_attempts (subject, failures, retry_at, resets_at)
        select subject, 0, now(), now() from unnest($1::bytea[]) with ordinality as s(subject, n) order by n
        on conflict do nothing`,
      values: [subjects],
    }),
  )
  // Uses the clock, not the start of the transaction, which may have waited for a lock.
  const { rows } = await tx.query<AttemptCount & { subject: Buffer }>({
    name: 'password_attempts_lock',
    text: `select subject, failures,
        (extract(epoch from retry_at - clock_timestamp()) * 1000)::float8 as "retryInMs",
        (extract(epoch from resets_at - clock_timestamp()) * 1000)::float8 as "resetsInMs"
      from bellwire.password_attempts where subject = any($1::bytea[]) order by subject for update`,
    values: [subjects],
  })
  const found = new Map(rows.map(({ subject, ...count }) => [subject.toString('hex'), count]))
  return new Map([...hashes].map(([name, hash]) => [name, found.get(hash.toString('hex')) ?? NONE]))
}

async function writeCounts(
  tx: PoolClient,
  names: string[],
  { hashes, counts }: { hashes: Hashes; counts: Counts },
): Promise<void> {
  const after = names.map((name) => counts.get(name) ?? NONE)
  await tx.query({
    name: 'password_attempts_write',
    text: `insert into bellwire.password_attempts as a (subject, failures, retry_at, resets_at)
      select c.subject, c.failures, at + make_interval(secs => c.retry / 1000), at + make_interval(secs => c.resets / 1000)
      from unnest($1::bytea[], $2::int[], $3::float8[], $4::float8[]) as c(subject, failures, retry, resets),
        (select clock_timestamp() as at) as clock
      on conflict (subject) do update set
        failures = excluded.failures, retry_at = excluded.retry_at, resets_at = excluded.resets_at`,
    values: [
      names.map((name) => hashes.get(name)),
      after.map(({ failures }) => failures),
      after.map(({ retryInMs }) => retryInMs),
      after.map(({ resetsInMs }) => resetsInMs),
    ],
  })
}

function longestWait(subjects: AttemptSubject[], counts: Counts): Refusal | undefined {
  const waits = subjects.map(({ name, limit }) => ({ name, waitMs: waitOf(counts.get(name) ?? NONE, limit) }))
  const longest = waits.toSorted((a, b) => b.waitMs - a.waitMs)[0]
  return longest && longest.waitMs > 0 ? longest : undefined
}
