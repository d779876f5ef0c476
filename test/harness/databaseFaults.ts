import type { Database } from '../../src/db/database.ts'
import { createRandom } from '../chaos/random.ts'
import type { Fault } from './databaseProxy.ts'

/** Transactions of the program, by the text of their statements. */
export const TRANSACTIONS = {
  accept: /insert into bellwire\.tasks\b/,
  claim: /attempt = (\w+\.)?attempt \+ 1\b/,
  step: /insert into bellwire\.steps\b/,
  pause: /insert into bellwire\.approvals\b/,
  settle: /update bellwire\.tasks\b[^;]*\bfinished_at = (?!excluded)/,
} as const

export type TransactionKind = keyof typeof TRANSACTIONS

/** Drops the response to every nth commit of a kind, including the first. */
export function dropCommits(kind: TransactionKind, { every }: { every: number }): Fault {
  let seen = 0
  return ({ committed }) => {
    if (!committed?.some((text) => TRANSACTIONS[kind].test(text))) return false
    return seen++ % every === 0
  }
}

const WRITE = /\b(insert into|update|delete from) bellwire/

/**
 * Cuts the connection after this many of a hundred writes, instead of the response: in the middle of a transaction,
 * which is then rolled back, or after its commit. `spare` lists statements that are left alone.
 */
export function cutWrites(percent: number, { seed, spare }: { seed: string; spare?: RegExp }): Fault {
  const random = createRandom(seed)
  return ({ statements, committed }) => {
    const isSpared = (text: string): boolean => spare?.test(text) ?? false
    const writes = [...statements, ...(committed ?? [])].some((text) => WRITE.test(text) && !isSpared(text))
    return writes && random.chance(percent / 100)
  }
}

/** Changes of rows that a database can refuse, as triggers. */
const REFUSALS = {
  settle: `before update on bellwire.tasks for each row
    when (old.finished_at is null and new.finished_at is not null)`,
  retry: `before update on bellwire.tasks for each row
    when (new.failures > old.failures and new.finished_at is null)`,
  pause: 'before insert on bellwire.approvals for each row',
} as const

export type RefusedKind = keyof typeof REFUSALS

/**
 * Makes the database refuse every nth change of a kind, including the first, with each of the SQLSTATE codes in turn.
 */
export async function refuseWrites(
  db: Database,
  kind: RefusedKind,
  { every, codes }: { every: number; codes: readonly string[] },
): Promise<{ count(): Promise<number> }> {
  // A sequence is not rolled back with the refused transaction.
  await db.pool.query(`
    create sequence refusals;
    create function refuse_write() returns trigger language plpgsql as $$
    declare
      codes text[] := '{${codes.join()}}';
      n bigint := nextval('refusals') - 1;
    begin
      if n % ${every} = 0 then
        raise exception 'refused by a test' using errcode = codes[1 + (n / ${every}) % ${codes.length}];
      end if;
      return new;
    end $$;
    create trigger refuse_write ${REFUSALS[kind]} execute function refuse_write()`)
  return {
    async count() {
      const { rows } = await db.pool.query<{ n: number }>('select last_value::int as n from refusals')
      return Math.ceil((rows[0]?.n ?? 0) / every)
    },
  }
}
