import type { NoticeKind } from '../contract/notice.ts'
import { shorten as shortenText } from '../contract/shorten.ts'
import type { Queryable } from '../db/database.ts'
import { newId } from '../db/id.ts'

/** Something that people are to be told. */
export type NewNotice = {
  /** What it is about: nothing is noticed twice under one key. */
  key: string
  kind: NoticeKind
  /** One sentence. */
  title: string
  agentId?: string | undefined
  webhookId?: string | undefined
  taskId?: string | undefined
  approvalId?: string | undefined
}

/** Writes notices, without those that are known. @returns how many are new */
export async function writeNotices(db: Queryable, notices: readonly NewNotice[]): Promise<number> {
  if (notices.length === 0) return 0
  const column = <K extends keyof NewNotice>(name: K) => notices.map((notice) => notice[name] ?? null)
  const { rowCount } = await db.query({
    name: 'notices_write',
    text: `insert into bellwire.notices (id, key, kind, title, agent_id, webhook_id, task_id, approval_id)
      select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[])
      on conflict (key) do nothing`,
    values: [
      notices.map(() => newId()),
      column('key'),
      column('kind'),
      notices.map(({ title }) => shorten(title, 500)),
      column('agentId'),
      column('webhookId'),
      column('taskId'),
      column('approvalId'),
    ],
  })
  return rowCount ?? 0
}

/** A text on one line, of limited length. */
export function shorten(text: string, most: number): string {
  return shortenText(text.replaceAll('\0', '').replaceAll(/\s+/g, ' ').trim(), most)
}
