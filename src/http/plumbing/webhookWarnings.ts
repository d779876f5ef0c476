import type { WebhookOptions } from '../../contract/webhookOptions.ts'

/** What an operator should know of the settings of a webhook that work as they are, one sentence each. */
export function webhookWarnings({
  source,
  hmac,
  dedupe,
}: Pick<WebhookOptions, 'source' | 'hmac' | 'dedupe'>): string[] {
  const isByHmac = source === 'hmac' || hmac !== undefined
  const hasNoTime = isByHmac ? hmac?.timestamp_header === undefined : source === 'dropbox'
  return hasNoTime && dedupe === undefined ? [REPLAYS] : []
}

const REPLAYS =
  'The signature does not cover a timestamp, so a copied request can be sent again and, unless it has an id, starts another task: set `hmac.timestamp_header` if the sender signs a timestamp, or `"dedupe": {"from": "body"}`.'
