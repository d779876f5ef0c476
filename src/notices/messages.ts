import type { NoticeKind } from '../contract/notice.ts'
import type { Queryable } from '../db/database.ts'
import { toPage, type Page, type PageRequest } from '../db/page.ts'

/** A notice as it was written. */
export type StoredNotice = {
  id: string
  kind: NoticeKind
  title: string
  agentId: string | null
  webhookId: string | null
  taskId: string | null
  approvalId: string | null
  createdAt: Date
}

/** A message with its notices. */
export type NoticeMessage = {
  id: string
  kind: NoticeKind
  title: string
  createdAt: Date
  notices: StoredNotice[]
}

export type MessageDelivery = {
  channelId: string
  state: 'pending' | 'delivered' | 'failed'
  attempts: number
  dueAt: Date | null
  status: number | null
  error: string | null
  finishedAt: Date | null
}

/** The notices of messages, oldest first, by the id of the message. */
export async function readNoticesOf(
  db: Queryable,
  messageIds: readonly string[],
): Promise<Map<string, StoredNotice[]>> {
  const { rows } = await db.query<StoredNotice & { messageId: string }>({
    name: 'notices_of_messages',
    text: `select message_id as "messageId", id, kind, title, agent_id as "agentId", webhook_id as "webhookId",
        task_id as "taskId", approval_id as "approvalId", created_at as "createdAt"
      from bellwire.notices where message_id = any($1::uuid[]) order by created_at, id`,
    values: [messageIds],
  })
  const notices = new Map<string, StoredNotice[]>()
  for (const { messageId, ...notice } of rows) {
    notices.set(messageId, [...(notices.get(messageId) ?? []), notice])
  }
  return notices
}

/** Messages, newest first, with what became of them; `after` is the number of a message. */
export async function listMessages(
  db: Queryable,
  { kind }: { kind: NoticeKind | undefined },
  { limit, after }: PageRequest,
): Promise<Page<NoticeMessage & { deliveries: MessageDelivery[] }>> {
  const { rows } = await db.query<Omit<NoticeMessage, 'notices'> & { number: number }>(
    `select id, number::float8 as number, kind, title, created_at as "createdAt" from bellwire.notice_messages
      where ($1::text is null or kind = $1) and ($2::bigint is null or number < $2) order by number desc limit $3`,
    [kind ?? null, after ?? null, limit + 1],
  )
  const ids = rows.map(({ id }) => id)
  const notices = await readNoticesOf(db, ids)
  const { rows: deliveries } = await db.query<MessageDelivery & { messageId: string }>(
    `select message_id as "messageId", channel_id as "channelId", state, attempts, due_at as "dueAt", status, error,
        finished_at as "finishedAt"
      from bellwire.notice_deliveries where message_id = any($1::uuid[]) order by channel_id`,
    [ids],
  )
  return toPage(rows, {
    limit,
    name: (row) => String(row.number),
    show: ({ number: _number, ...row }) => ({
      ...row,
      notices: notices.get(row.id) ?? [],
      deliveries: deliveries.filter(({ messageId }) => messageId === row.id),
    }),
  })
}
