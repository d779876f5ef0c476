import type { TaskCallback } from '../contract/callback.ts'
import type { Reply } from '../contract/reply.ts'

/** What a task keeps of its callback, with the outcomes that its webhook replies to. */
export function withReply(
  callback: TaskCallback | undefined,
  reply: Reply | undefined,
): TaskCallback | undefined {
  if (!reply) return callback
  return { ...(callback ?? NO_CALLBACK), reply: reply.on }
}

const NO_CALLBACK: TaskCallback = { url: null, content: 'full', events: [] }
