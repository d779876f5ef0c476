import type { IncomingHttpHeaders } from 'node:http'
import { RejectionReason } from '../../contract/rejectionReason.ts'
import { hashToken } from '../../db/token.ts'
import type { RecordRejection } from './rejectionEntry.ts'
import { parseQuery, type Query } from '../payload/parseQuery.ts'
import type { FindWebhook } from '../receive.ts'

/** A request that was refused before its body was received whole. */
export type Unreceived = {
  token: string
  method: string
  headers: IncomingHttpHeaders
  search: string
  /** What refused it: a code of src/errors.ts, and its words. */
  code: string
  detail: string
}

/**
 * Makes the function that records a request which never came as far as `receive`: its body was too large, or the
 * webhook is disabled and the body not worth receiving. Does nothing for other errors, and for unknown tokens.
 */
export function createRecordUnreceived({
  findWebhook,
  recordRejection,
}: {
  findWebhook: FindWebhook
  recordRejection: RecordRejection
}): (request: Unreceived) => Promise<void> {
  return async ({ token, method, headers, search, code, detail }) => {
    const reason = RejectionReason.safeParse(code)
    if (!reason.success) return
    const webhook = await findWebhook(hashToken(token))
    if (!webhook) return
    recordRejection({
      webhookId: webhook.id,
      agentId: webhook.agentId,
      reason: reason.data,
      detail,
      headers,
      method,
      query: queryOf(search),
      contentType: headers['content-type'],
      size: Number(headers['content-length'] ?? 0) || 0,
      body: undefined,
      receivedAt: new Date(),
    })
  }
}

function queryOf(search: string): Query {
  try {
    return parseQuery(search)
  } catch {
    return {}
  }
}
