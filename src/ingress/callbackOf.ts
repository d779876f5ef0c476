import { hasCredentials, NO_CREDENTIALS, type TaskCallback } from '../contract/callback.ts'
import { BellwireError } from '../errors.ts'
import type { Arrival } from './arrival.ts'

/**
 * Where the outcome of a request is sent: to the address that it names in `X-Bellwire-Callback`, to that of its webhook
 * otherwise.
 *
 * @throws BellwireError `callback_not_allowed`
 */
export function callbackOf({ webhook, inbound }: Arrival): TaskCallback | undefined {
  const named = inbound.headers['x-bellwire-callback']
  const { callback } = webhook
  if (named === undefined) {
    if (!callback || callback.url === null) return undefined
    // Its address is read again when it is sent to: it may have moved by then.
    return { url: null, events: callback.events, content: callback.content }
  }
  const url = String(named).trim()
  if (!callback) throw notAllowed('The webhook has no callback, so requests cannot name one.')
  if (!URL.canParse(url)) throw notAllowed('X-Bellwire-Callback is not a URL.')
  const parsed = new URL(url)
  const { protocol, hostname } = parsed
  if (protocol !== 'https:' && protocol !== 'http:') throw notAllowed('Use an http or https URL.')
  if (hasCredentials(parsed)) throw notAllowed(`X-Bellwire-Callback ${NO_CREDENTIALS}.`)
  if (!callback.hosts.some((host) => matches(hostname, host))) {
    throw notAllowed(`The host ${hostname} is not one of the \`hosts\` of the webhook's callback.`)
  }
  return { url, events: callback.events, content: callback.content }
}

/** `*.example.com` stands for every host below it, and not for `example.com` itself. */
function matches(hostname: string, host: string): boolean {
  return host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host
}

function notAllowed(detail: string): BellwireError {
  return new BellwireError('callback_not_allowed', detail)
}
