import type { Attachment } from '../contract/task.ts'
import type { Database } from '../db/database.ts'

/** A file of a request, with its content. */
export type AttachedFile = { filename: string; contentType: string; bytes: Buffer }

/** Reads the files of a task out of the body that it came with; none when the body is gone. */
export async function readAttachments(
  db: Database,
  taskId: string,
  attachments: readonly Attachment[] = [],
): Promise<AttachedFile[]> {
  if (attachments.length === 0) return []
  const { rows } = await db.pool.query<{ body: Buffer }>({
    name: 'task_body',
    text: 'select body from bellwire.task_bodies where task_id = $1',
    values: [taskId],
  })
  const body = rows[0]?.body
  if (!body) return []
  return attachments.map(({ filename, content_type: contentType, offset, size }) => ({
    filename,
    contentType,
    bytes: body.subarray(offset, offset + size),
  }))
}
