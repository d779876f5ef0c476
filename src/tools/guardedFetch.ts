import type { LookupAddress, LookupOptions } from 'node:dns'
import { lookup as systemLookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { Agent, fetch as undiciFetch } from 'undici'
import { createAddressPolicy, type AddressPolicy } from './addressPolicy.ts'
import { presentBodyMeter } from './bodyMeter.ts'

/**
 * A `fetch` for URLs chosen by users and models. It takes a URL and a plain `init`; a body is text or bytes. Redirects
 * are returned, never followed.
 */
export type GuardedFetch = typeof globalThis.fetch & {
  /** Ends requests in progress and closes the connections. */
  close(): Promise<void>
}

/** Why a request was not made, or not finished. The message contains no part of the URL but its host. */
export class GuardedFetchError extends Error {
  /** `refused`: nothing was sent. With the other kinds the request may have been processed. */
  readonly kind: 'refused' | 'timeout' | 'too_large' | 'network'

  constructor(kind: GuardedFetchError['kind'], message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'GuardedFetchError'
    this.kind = kind
  }
}

export type GuardedFetchOptions = {
  /** CIDR ranges that are allowed although they are not public. */
  allowPrivateNetworks?: readonly string[]
  /** Bytes of a response's body, after decompression. Default 10 MiB. */
  maxBytes?: number
  /** From the call to the last byte of the body. Default 60 s. */
  timeoutMs?: number
  /** How names are resolved; for tests. */
  resolve?: Resolve
}

type Resolve = (host: string) => Promise<LookupAddress[]>

/** Maximum time to establish a connection. */
const CONNECT_WITHIN_MS = 60_000

/** Ports of mail servers, and of services that accept commands from anyone who can send them a few bytes. */
const REFUSED_PORTS = new Set([
  22, 23, 25, 53, 110, 143, 445, 465, 587, 993, 995, 1433, 2049, 3306, 3389, 5432, 5900, 6379, 11211, 27017,
])

/**
 * Creates a fetch that connects only to the public internet (and the configured private networks), over http and https.
 * The address is checked in the connection's own lookup, so a name cannot resolve to one address for the check and
 * another for the connection; literal addresses, which skip that lookup, are checked beforehand.
 *
 * It rejects with GuardedFetchError, or with the reason of the caller's signal.
 *
 * @throws Error when a range in `allowPrivateNetworks` is not valid
 */
export function createGuardedFetch({
  allowPrivateNetworks = [],
  maxBytes = 10 * 1024 * 1024,
  timeoutMs = 60_000,
  resolve = (host) => systemLookup(host, { all: true }),
}: GuardedFetchOptions = {}): GuardedFetch {
  const policy = createAddressPolicy(allowPrivateNetworks)
  const dispatcher = new Agent({
    connect: { lookup: guardedLookup(policy, resolve), timeout: Math.min(timeoutMs, CONNECT_WITHIN_MS) },
    // Only the total time counts.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  let closing: Promise<void> | undefined

  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    if (input instanceof Request || init.body instanceof FormData) {
      throw new TypeError('the guarded fetch takes a URL and a body of text or bytes')
    }
    const url = checkUrl(input, policy)
    const clock = startClock(timeoutMs, init.signal ?? undefined)
    try {
      const response = await undiciFetch(url, {
        dispatcher,
        method: init.method ?? 'GET',
        headers: [...new Headers(init.headers)],
        body: init.body ?? null,
        redirect: 'manual',
        signal: clock.signal,
      })
      return limitBody(response, maxBytes, clock)
    } catch (error) {
      clock.stop()
      throw toGuardedError(error, url, clock.signal)
    }
  }
  return Object.assign(fetch, { close: () => (closing ??= dispatcher.destroy()) })
}

/** What decides where an HTTP client may connect: before a request, and when a name is looked up for a connection. */
export type ConnectionGuard = {
  /** @throws GuardedFetchError `refused` */
  check(url: string): void
  lookup: LookupFunction
}

/**
 * The rules of the guarded fetch for a client of another kind. It must not follow redirects: their targets are not
 * checked.
 *
 * @param allowed CIDR ranges that are allowed although they are not public
 */
export function createConnectionGuard(allowed: readonly string[]): ConnectionGuard {
  const policy = createAddressPolicy(allowed)
  return {
    check: (url) => void checkUrl(url, policy),
    lookup: guardedLookup(policy, (host) => systemLookup(host, { all: true })),
  }
}

function checkUrl(input: string | URL, policy: AddressPolicy): URL {
  const text = String(input)
  if (!URL.canParse(text)) throw new GuardedFetchError('refused', 'this is not a valid URL')
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new GuardedFetchError(
      'refused',
      `only http and https are allowed, not ${url.protocol.slice(0, -1)}`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new GuardedFetchError('refused', 'a URL with a user name or password is refused; use a header')
  }
  if (REFUSED_PORTS.has(Number(url.port))) {
    throw new GuardedFetchError('refused', `port ${url.port} is refused`)
  }
  const literal = literalAddress(url.hostname)
  const kind = literal && policy.refuse(literal)
  if (kind) throw refusal(url.hostname, kind)
  return url
}

/** The address of a host, in any notation: URL has normalised them all. */
function literalAddress(host: string): string | undefined {
  if (host.startsWith('[')) return host.slice(1, -1)
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) ? host : undefined
}

function refusal(host: string, kind: string): GuardedFetchError {
  return new GuardedFetchError(
    'refused',
    `${host} is not a public address (${kind}); BELLWIRE_ALLOW_PRIVATE_NETWORKS can allow it`,
  )
}

/** A name is refused if any of its addresses is: it is not known which one would be used. */
function guardedLookup(policy: AddressPolicy, resolve: Resolve): LookupFunction {
  const find = async (host: string, { family }: LookupOptions): Promise<LookupAddress[]> => {
    const addresses = await resolve(host)
    for (const { address } of addresses) {
      const kind = policy.refuse(address)
      if (kind) throw refusal(host, kind)
    }
    const wanted = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : family
    const usable = wanted ? addresses.filter((one) => one.family === wanted) : addresses
    if (usable.length === 0) throw new GuardedFetchError('refused', `${host} has no address`)
    return usable
  }
  const lookup = callbackify(find)
  return (host, options, callback) =>
    lookup(host, options, (error, addresses) => {
      if (error) {
        callback(error, [])
        return
      }
      const [first] = addresses
      if (options.all || !first) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
}

type Clock = { signal: AbortSignal; abort(reason: unknown): void; stop(): void }

/** One signal for the time limit and the caller's own. */
function startClock(timeoutMs: number, outer: AbortSignal | undefined): Clock {
  const controller = new AbortController()
  const onAbort = (): void => controller.abort(outer?.reason)
  const timer = setTimeout(() => {
    controller.abort(new GuardedFetchError('timeout', `no complete response within ${timeoutMs / 1000} s`))
  }, timeoutMs)
  timer.unref()
  if (outer?.aborted) onAbort()
  else outer?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    stop() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', onAbort)
    },
  }
}

type UndiciResponse = Awaited<ReturnType<typeof undiciFetch>>

/** The same response, whose body fails beyond the limit and is timed to its last byte. */
function limitBody(response: UndiciResponse, maxBytes: number, clock: Clock): Response {
  const { status, statusText, body } = response
  const headers = [...response.headers]
  if (!body) {
    clock.stop()
    return new Response(null, { status, statusText, headers })
  }
  const reader = body.getReader()
  const meter = presentBodyMeter()
  let bytes = 0
  const limited = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) {
            clock.stop()
            controller.close()
            return
          }
          bytes += value.byteLength
          if (bytes > maxBytes) {
            throw new GuardedFetchError('too_large', `the response is larger than ${maxBytes} bytes`)
          }
          await meter?.take(value.byteLength, clock.signal)
          controller.enqueue(value)
        } catch (error) {
          clock.stop()
          const reason = toGuardedError(error, undefined, clock.signal)
          clock.abort(reason)
          controller.error(reason)
        }
      },
      async cancel(reason) {
        clock.stop()
        clock.abort(reason)
        await reader.cancel(reason).catch(() => {})
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(limited, { status, statusText, headers })
}

function toGuardedError(error: unknown, url: URL | undefined, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  let code = ''
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof GuardedFetchError) return at
    if ('code' in at && typeof at.code === 'string') code = at.code
  }
  const host = url
    ? `${url.host} could not be reached`
    : 'the connection was lost in the middle of the response'
  return new GuardedFetchError('network', code ? `${host} (${code})` : host, { cause: error })
}
