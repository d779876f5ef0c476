import type { Database } from '../db/database.ts'
import { batchOf, type Chore } from '../upkeep/chore.ts'
import type { Cause } from './causes/cause.ts'
import { QUICK_CAUSES, SLOW_CAUSES } from './causes/causes.ts'
import { groupNotices } from './groupNotices.ts'
import { writeNotices } from './notice.ts'
import type { NoticeSettingsStore } from './noticeSettings.ts'

type Parts = { db: Database; settings: Pick<NoticeSettingsStore, 'read'> }

/** What is older is deleted; a cause that still exists is noticed once more then. */
const KEEP = `interval '180 days'`
const PURGE_BATCH = 1_000

/** What one process does about notices: nothing as long as there is no channel. */
export function noticeChores(parts: Parts): Chore[] {
  return [
    {
      name: 'notices',
      everyMs: 5_000,
      async run() {
        const found = await lookFor(parts, QUICK_CAUSES)
        const { channels, rules } = await parts.settings.read()
        const made = channels.length === 0 ? 0 : await groupNotices(parts.db, { channels, rules })
        return { items: found + made, more: false }
      },
    },
    {
      name: 'notice_causes',
      everyMs: 30_000,
      run: async () => ({ items: await lookFor(parts, SLOW_CAUSES), more: false }),
    },
    {
      name: 'purge_notices',
      everyMs: 3_600_000,
      run: async () => batchOf(await purge(parts.db), PURGE_BATCH),
    },
  ]
}

/** Writes what the causes find. @returns how many notices are new */
export async function lookFor({ db, settings }: Parts, causes: readonly Cause[]): Promise<number> {
  const { channels, rules } = await settings.read()
  if (channels.length === 0) return 0
  // One that fails does not keep the others from being looked for.
  const found = await Promise.allSettled(
    causes.map(async (cause) => writeNotices(db.pool, await cause(db.pool, rules))),
  )
  const failed = found.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
  return found.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value : 0), 0)
}

async function purge(db: Database): Promise<number> {
  const { rowCount } = await db.pool.query(
    `with messages as (
        delete from bellwire.notice_messages where id in (
          select id from bellwire.notice_messages where created_at < now() - ${KEEP} order by number limit ${PURGE_BATCH}
        )
      )
      delete from bellwire.notices where id in (
        select id from bellwire.notices where created_at < now() - ${KEEP} order by created_at limit ${PURGE_BATCH}
      )`,
  )
  return rowCount ?? 0
}
