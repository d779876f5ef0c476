import type { PoolClient } from 'pg'
import { pipeline, type Database } from '../../db/database.ts'

/** A sign-in that starts; `hash` is the hash of its state. */
export type NewPending = {
  hash: Buffer
  browser: Buffer
  nonce: string
  codeVerifier: string
  address: string
  lifetimeSeconds: number
}

/** How many sign-ins one client address may have started and not completed. Many people may share an address. */
const MAX_OF_ADDRESS = 50

/** The same for all addresses together. */
const MAX = 10_000

/**
 * Inserts as many of the sign-ins as the limits allow.
 *
 * @returns in the order of the input: 0 if it was inserted, otherwise the seconds until there is room
 */
export async function insertPending(db: Database, signIns: NewPending[]): Promise<number[]> {
  return db.transaction(async (tx) => {
    // In a statement of its own, so that the count includes what others have inserted under this lock.
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('bellwire oidc sign-ins', 0))`)
    pipeline(tx, tx.query('delete from bellwire.oidc_sign_ins where expires_at <= now()'))
    const room = await readRoom(tx, [...new Set(signIns.map(({ address }) => address))])
    const waits = signIns.map(({ address }) => room.take(address))
    const admitted = signIns.filter((_, index) => waits[index] === 0)
    if (admitted.length > 0) await insert(tx, admitted)
    return waits
  })
}

type Count = { address: string | null; count: number; seconds: number }

/** Counts pending sign-ins: those of some addresses, and all. */
async function readRoom(tx: PoolClient, addresses: string[]) {
  const { rows } = await tx.query<Count>(
    `select address, count(*)::int as count, extract(epoch from min(expires_at) - now())::float8 as seconds
      from bellwire.oidc_sign_ins where address = any($1) group by address
      union all
      select null, count(*)::int, extract(epoch from min(expires_at) - now())::float8 from bellwire.oidc_sign_ins`,
    [addresses],
  )
  const counts = new Map(rows.map(({ address, count, seconds }) => [address, { count, seconds }]))
  const countOf = (address: string | null) => {
    const count = counts.get(address) ?? { count: 0, seconds: 0 }
    counts.set(address, count)
    return count
  }
  return {
    /** Takes a place and returns 0, or returns the seconds until the oldest one becomes free. */
    take(address: string): number {
      const [own, all] = [countOf(address), countOf(null)]
      const full = own.count >= MAX_OF_ADDRESS ? own : all.count >= MAX ? all : undefined
      if (full) return Math.max(1, Math.ceil(full.seconds))
      own.count += 1
      all.count += 1
      return 0
    },
  }
}

async function insert(tx: PoolClient, signIns: NewPending[]): Promise<void> {
  const column = <K extends keyof NewPending>(name: K) => signIns.map((signIn) => signIn[name])
  await tx.query(
    `insert into bellwire.oidc_sign_ins (hash, browser, nonce, code_verifier, address, expires_at)
      select hash, browser, nonce, verifier, address, now() + make_interval(secs => seconds)
      from unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::float8[])
        as s(hash, browser, nonce, verifier, address, seconds)`,
    [
      column('hash'),
      column('browser'),
      column('nonce'),
      column('codeVerifier'),
      column('address'),
      column('lifetimeSeconds'),
    ],
  )
}
