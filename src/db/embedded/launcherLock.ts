import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { ConfigError } from '../../config/configError.ts'

/** "bell", "lnch" in ASCII. */
const LOCK = [0x62656c6c, 0x6c6e6368]

/** A launcher that was just killed takes a moment to lose its connection. */
const PATIENCE_MS = 2_000

/**
 * Makes this connection the one launcher of the server: the lock lives as long as the connection, so a
 * killed launcher frees it. Throws {@link ConfigError} when another one holds it.
 */
export async function takeLauncherLock(client: pg.Client, dataDir: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock($1, $2) as taken',
      LOCK,
    )
    if (rows[0]?.taken) return
    if (Date.now() > deadline) break
    await delay(50)
  }
  const holder = await holderOf(client)
  throw new ConfigError(
    `Another Bellwire${holder} already uses the data directory ${dataDir}. ` +
      'Stop it, or set BELLWIRE_DATA_DIR and PORT to start a second one beside it.',
  )
}

async function holderOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and l.classid = $1 and l.objid = $2`,
    LOCK,
  )
  const pid = /(\d+)$/.exec(rows[0]?.name ?? '')?.[1]
  return pid === undefined ? '' : ` (process ${pid})`
}
