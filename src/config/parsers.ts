import { isIP } from 'node:net'
import { withoutTrailing } from '../contract/withoutTrailing.ts'

/** Converts the text of a setting into its value. The message of the Error that it throws completes "must be ...". */
export type Parser<T> = (text: string) => T

/** A whole number from `least` to `most`. */
export function integer(least: number, most: number): Parser<number> {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN
    if (value >= least && value <= most) return value
    throw new Error(`a whole number from ${least} to ${most}`)
  }
}

/** A number of days; `forever` is infinite. */
export function daysOrForever(text: string): number {
  const days = text === 'forever' ? Infinity : /^\d+$/.test(text) ? Number(text) : 0
  if (days >= 1 && (days <= 36_500 || days === Infinity)) return days
  throw new Error('a whole number of days from 1 to 36500, or forever')
}

/** Seconds, fractions allowed. */
export function seconds(least: number, most: number): Parser<number> {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
    if (value >= least && value <= most) return value
    throw new Error(`a number of seconds from ${least} to ${most}`)
  }
}

/** One of a fixed set of words. */
export function oneOf<const T extends string>(...words: T[]): Parser<T> {
  return (text) => {
    const word = words.find((candidate) => candidate === text)
    if (word !== undefined) return word
    throw new Error(`one of ${words.join(', ')}`)
  }
}

/** Text that is valid in an HTTP header, of at least `least` characters. */
export function secretText(least: number): Parser<string> {
  return (text) => {
    if (text.length >= least && /^[\x21-\x7e]+$/.test(text)) return text
    throw new Error(`at least ${least} printable ASCII characters without spaces`)
  }
}

/** A host name or an address to listen on. */
export function hostName(text: string): string {
  if (isIP(text) !== 0 || /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/.test(text)) return text
  throw new Error('an IP address or a host name, without scheme and port')
}

/** An http or https URL that paths can be appended to; returned without a trailing slash. */
export function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const web = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url && web && url.search === '' && url.hash === '' && url.username === '' && url.password === '') {
    return withoutTrailing(url.href, '/')
  }
  throw new Error('an http or https URL without query and credentials, such as https://bellwire.example.com')
}

/** The issuer of an OpenID Connect provider: https, or http on this machine. */
export function issuerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHere = url !== undefined && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  const isAllowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)
  // Returned as it is: an issuer is compared character by character.
  if (url && isAllowed && url.search === '' && url.hash === '' && url.username === '') return text
  throw new Error('an https URL without query and credentials, such as https://login.example.com')
}

/** Comma-separated domain names, in lower case. */
export function domains(text: string): readonly string[] {
  const names = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((name) => name !== '')
  if (names.length > 0 && names.every((name) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(name)))
    return Object.freeze(names)
  throw new Error('domain names between commas, such as example.com, example.org')
}

/** `OLLAMA_HOST` as Ollama writes it, with or without scheme and port; returns a base URL. */
export function ollamaUrl(text: string): string {
  const url = new URL(baseUrl(/^https?:/.test(text) ? text : `http://${text}`))
  // Ollama may be configured to listen on all addresses, which is not an address to call.
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1'
  if (url.port === '' && url.protocol === 'http:') url.port = '11434'
  return url.origin
}

/** The URL of a PostgreSQL database. */
export function postgresUrl(text: string): string {
  if (/^postgres(ql)?:\/\/./.test(text) && URL.canParse(text.replaceAll(' ', '%20'))) return text
  throw new Error(
    'a URL such as postgresql://user:password@host:5432/database, with special characters in the password percent-encoded',
  )
}

/** The URL of a mail server. */
export function smtpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && (url.protocol === 'smtp:' || url.protocol === 'smtps:') && url.hostname !== '') return text
  throw new Error(
    'a URL such as smtp://user:password@host:587 or smtps://host, with special characters in the password percent-encoded',
  )
}

/** A mail address, with a name before it or without. */
export function mailSender(text: string): string {
  if (/^(?:[^<>@\r\n]* <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/.test(text)) return text
  throw new Error('a mail address, such as bellwire@example.com or Bellwire <bellwire@example.com>')
}

/** CIDR ranges separated by commas or spaces; a single address is a range of one. */
export function networks(text: string): readonly string[] {
  return Object.freeze(
    text
      .split(/[\s,]+/)
      .filter((part) => part !== '')
      .map(network),
  )
}

/** CIDR ranges of proxies. All addresses are no range: any client could then choose the address it counts under. */
export function proxyNetworks(text: string): readonly string[] {
  const ranges = networks(text)
  if (ranges.some((range) => range.endsWith('/0'))) {
    throw new Error('only the ranges of your proxies, such as 127.0.0.1, 10.0.0.0/8, not all addresses (/0)')
  }
  return ranges
}

function network(text: string): string {
  const [address = '', length, ...rest] = text.split('/')
  const family = isIP(address)
  const bits = family === 4 ? 32 : 128
  const wanted = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : NaN
  if (family !== 0 && rest.length === 0 && wanted <= bits) return `${address}/${wanted}`
  throw new Error('comma-separated IP addresses or CIDR ranges, such as 10.0.0.0/8, fd00::/8')
}

/** Origins as browsers send them, between commas or spaces; `*` for all, `none` for an empty list. */
export function origins(text: string): '*' | readonly string[] {
  if (text === '*') return '*'
  if (text === 'none') return Object.freeze([])
  return Object.freeze(
    text
      .split(/[\s,]+/)
      .filter((part) => part !== '')
      .map(origin),
  )
}

function origin(text: string): string {
  const url =
    /^[a-z][a-z0-9+.-]*:\/\/[^/?#@*]+\/?$/i.test(text) && URL.canParse(text) ? new URL(text) : undefined
  // The parser knows no origin of other schemes, such as those of apps.
  if (url) return url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin
  throw new Error(
    '*, none, or comma-separated origins, such as https://shop.example.com, http://localhost:3000',
  )
}

/** Comma-separated commands, each with or without arguments. */
export function commands(text: string): readonly string[] {
  const entries = text.split(',').map((entry) => entry.trim().split(/\s+/).join(' '))
  return Object.freeze(entries.filter((entry) => entry !== ''))
}

/** true or false. */
export function truth(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new Error('true or false')
}

/** Headers as in OpenTelemetry's variables: comma-separated `name=value`, percent-encoded where needed. */
export function headerList(text: string): Readonly<Record<string, string>> {
  const headers = text.split(',').map((part): [string, string] => {
    const [, name = '', value = ''] =
      /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)\s*$/.exec(part) ?? []
    if (name === '') throw new Error('comma-separated name=value pairs, such as authorization=Bearer%20KEY')
    return [name, decode(value)]
  })
  return Object.freeze(Object.fromEntries(headers))
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** Any text. */
export function anyText(text: string): string {
  return text
}
