import type { IncomingHttpHeaders } from 'node:http'
import { hashToken } from '../db/token.ts'
import { BellwireError } from '../errors.ts'
import type { Answer } from './outcome.ts'
import { parseQuery } from './payload/parseQuery.ts'
import type { FindWebhook } from './receive.ts'

/** An OPTIONS request to the URL of a webhook. `search`: the query string without its question mark. */
export type OptionsRequest = { token: string; path: string; headers: IncomingHttpHeaders; search: string }

/**
 * Creates the function that answers an OPTIONS request with which a sender asks whether it may send events
 * (CloudEvents, HTTP 1.1 Web Hooks); undefined when the source of the webhook knows no such handshake.
 *
 * The function throws BellwireError `webhook_not_found`.
 */
export function createAnswerOptions({
  findWebhook,
  publicUrl,
}: {
  findWebhook: FindWebhook
  publicUrl: string
}): (request: OptionsRequest) => Promise<Answer | undefined> {
  return async ({ token, path, headers, search }) => {
    const webhook = await findWebhook(hashToken(token))
    if (!webhook?.enabled) throw new BellwireError('webhook_not_found')
    return webhook.source.answerUnsigned?.({
      method: 'OPTIONS',
      url: `${publicUrl}${path}${search === '' ? '' : `?${search}`}`,
      headers,
      query: parseQuery(search),
      rawBody: Buffer.alloc(0),
      now: new Date(),
    })
  }
}
