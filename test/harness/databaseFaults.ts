import { createRandom } from '../chaos/random.ts'
import type { Fault } from './databaseProxy.ts'

/** Transactions of the program, by what their statements say. */
export const TRANSACTIONS = {
  accept: /insert into bellwire\.tasks\b/,
  claim: /attempt = (\w+\.)?attempt \+ 1\b/,
  step: /insert into bellwire\.steps\b/,
  pause: /insert into bellwire\.approvals\b/,
  settle: /update bellwire\.tasks\b[^;]*\bfinished_at = (?!excluded)/,
} as const

export type TransactionKind = keyof typeof TRANSACTIONS

/** Drops the answer to every nth commit of a kind, the first one included. */
export function dropCommits(kind: TransactionKind, { every }: { every: number }): Fault {
  let seen = 0
  return ({ committed }) => {
    if (!committed?.some((text) => TRANSACTIONS[kind].test(text))) return false
    return seen++ % every === 0
  }
}

const WRITE = /\b(insert into|update|delete from) bellwire/

/**
 * Cuts the connection after so many of a hundred writes, in the place of the answer: in the middle of a transaction,
 * which is then rolled back, or after its commit. `spare` names statements that are left alone.
 */
export function cutWrites(percent: number, { seed, spare }: { seed: string; spare?: RegExp }): Fault {
  const random = createRandom(seed)
  return ({ statements, committed }) => {
    const isSpared = (text: string): boolean => spare?.test(text) ?? false
    const writes = [...statements, ...(committed ?? [])].some((text) => WRITE.test(text) && !isSpared(text))
    return writes && random.chance(percent / 100)
  }
}
