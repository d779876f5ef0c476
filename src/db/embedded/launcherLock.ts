import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { ConfigError } from '../../config/configError.ts'

/** "bell", "lnch" in ASCII. */
const LOCK = [0x62656c6c, 0x6c6e6368]

/** The connection of a launcher that was just killed takes a moment to close. */
const PATIENCE_MS = 2_000

/** A launcher that is stopping lets its tasks finish first. */
const LEAVING_PATIENCE_MS = 60_000

const LEAVING = 'leaving'

/** The application name of a launcher's connection. */
export const LAUNCHER_NAME = `bellwire launcher ${process.pid}`

/**
 * Makes this connection the only launcher of the server: the lock lives as long as the connection, so a killed launcher
 * releases it. Throws {@link ConfigError} when another one holds it.
 */
export async function takeLauncherLock(client: pg.Client, dataDir: string): Promise<void> {
  const started = Date.now()
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock($1, $2) as taken',
      LOCK,
    )
    if (rows[0]?.taken) return
    const holder = await holderOf(client)
    const patience = holder.endsWith(LEAVING) ? LEAVING_PATIENCE_MS : PATIENCE_MS
    if (Date.now() - started > patience) throw refusal(holder, dataDir)
    await delay(50)
  }
}

/** Tells launchers that wait for the lock that it will be released soon. */
export async function announceLeaving(client: pg.Client): Promise<void> {
  await client.query(`select set_config('application_name', $1, false)`, [`${LAUNCHER_NAME} ${LEAVING}`])
}

function refusal(holder: string, dataDir: string): ConfigError {
  const pid = /(\d+)/.exec(holder)?.[1]
  return new ConfigError(
    `Another Bellwire${pid === undefined ? '' : ` (process ${pid})`} already uses the data directory ${dataDir}. ` +
      'Stop it, or set BELLWIRE_DATA_DIR and PORT to run a second one.',
  )
}

async function holderOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and l.classid = $1 and l.objid = $2`,
    LOCK,
  )
  return rows[0]?.name ?? ''
}
