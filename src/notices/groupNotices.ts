import type pg from 'pg'
import type { NoticeKind, NoticeRules } from '../contract/notice.ts'
import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import type { Channel } from './channel.ts'
import { isQuiet } from './quietHours.ts'

/** Notices that one message holds at most. */
const MAX_NOTICES = 200

type Waiting = { kind: NoticeKind; count: number; title: string; age: number; sent: number; now: Date }

/**
 * Makes messages of the notices that wait, one for each kind: once they were collected for a while, outside of quiet
 * hours, and not more often than the rules allow. What is held back is part of a later message.
 *
 * @returns how many messages were made
 */
export function groupNotices(
  db: Database,
  { rules, channels }: { rules: NoticeRules; channels: readonly Channel[] },
): Promise<number> {
  return db.transaction(async (tx) => {
    // By one process at a time, so that the messages of the last hour are counted exactly.
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('bellwire notices', 0))`)
    await dropDecided(tx)
    const ready = (await readWaiting(tx)).filter((waiting) => isReady(waiting, rules))
    for (const waiting of ready) await makeMessage(tx, waiting, channels)
    return ready.length
  })
}

/** What was decided while its notice waited needs no message. */
async function dropDecided(tx: pg.PoolClient): Promise<void> {
  await tx.query({
    name: 'notices_drop',
    text: `update bellwire.notices n set dropped_at = now()
      where n.message_id is null and n.dropped_at is null and n.kind = 'approvals' and not exists (
        select from bellwire.approvals p where p.id = n.approval_id and p.state = 'waiting'
      )`,
  })
}

async function readWaiting(tx: pg.PoolClient): Promise<Waiting[]> {
  const { rows } = await tx.query<Waiting>({
    name: 'notices_waiting',
    text: `select n.kind, count(*)::int as count, min(n.title) as title, now(),
        extract(epoch from now() - min(n.created_at))::float8 as age,
        (select count(*)::int from bellwire.notice_messages m
          where m.kind = n.kind and m.created_at > now() - interval '1 hour') as sent
      from bellwire.notices n where n.message_id is null and n.dropped_at is null group by n.kind order by n.kind`,
  })
  return rows
}

function isReady({ kind, age, sent, now }: Waiting, rules: NoticeRules): boolean {
  const { quiet_hours: quiet, group_seconds: collected, max_per_hour: most } = rules
  if (quiet && isQuiet(quiet, now) && !quiet.urgent.includes(kind)) return false
  return age >= collected && sent < most
}

async function makeMessage(
  tx: pg.PoolClient,
  { kind, count, title }: Waiting,
  channels: readonly Channel[],
): Promise<void> {
  const id = newId()
  const receiving = channels.filter(({ kinds }) => kinds === null || kinds.includes(kind))
  await tx.query('insert into bellwire.notice_messages (id, kind, title) values ($1, $2, $3)', [
    id,
    kind,
    count === 1 ? title : TITLES[kind](Math.min(count, MAX_NOTICES)),
  ])
  await tx.query(
    `update bellwire.notices set message_id = $1 where id in (
        select id from bellwire.notices where message_id is null and dropped_at is null and kind = $2
        order by created_at, id limit ${MAX_NOTICES}
      )`,
    [id, kind],
  )
  await tx.query(
    `insert into bellwire.notice_deliveries (message_id, channel_id) select $1, unnest($2::uuid[])`,
    [id, receiving.map((channel) => channel.id)],
  )
}

const TITLES: Record<NoticeKind, (count: number) => string> = {
  approvals: (count) => `${count} notices about waiting approvals and questions`,
  failures: (count) => `${count} agents keep failing`,
  budget: (count) => `${count} notices about daily budgets`,
  callbacks: (count) => `${count} notices about callbacks and replies`,
  silence: (count) => `${count} webhooks are silent`,
  loops: (count) => `${count} suspected loops`,
  queue: (count) => `${count} notices about the queue`,
}
