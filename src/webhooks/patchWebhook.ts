import { MAX_SECRETS } from '../contract/webhook.ts'
import { WebhookOptions, type WebhookOptionsPatch } from '../contract/webhookOptions.ts'
import { BellwireError } from '../errors.ts'

/** The options after a change: null unsets what is optional. */
export function patchOptions(options: WebhookOptions, patch: WebhookOptionsPatch): WebhookOptions {
  const merged = Object.entries({ ...options, ...patch }).filter(([, value]) => value != null)
  return WebhookOptions.parse(Object.fromEntries(merged))
}

/**
 * The secrets after a change, the newest first; undefined if the change does not concern them.
 *
 * @throws BellwireError `schema_invalid`
 */
export function patchSecrets(
  stored: string[],
  { given, keep }: { given: string[] | undefined; keep: number | undefined },
): string[] | undefined {
  if (given === undefined && keep === undefined) return undefined
  const secrets = [...new Set([...(given ?? []), ...stored.slice(0, keep ?? 0)])]
  if (secrets.length <= MAX_SECRETS) return secrets
  const detail = `a webhook has at most ${MAX_SECRETS} secrets; keep fewer of the stored ones`
  throw new BellwireError('schema_invalid', undefined, { errors: [{ pointer: '/keep_secrets', detail }] })
}
