import { shorten } from '../../contract/shorten.ts'
import { jsonScalars, type Scalar } from './jsonScalars.ts'

/** Maximum characters of a title, and of one value in it. */
const LENGTH = 120
const VALUE_LENGTH = 48

/** Maximum number of fields in a title. */
const MAX_FACTS = 3

/** Fields in which senders name an event, the most specific first. */
const EVENT_NAMES = ['event', 'event_type', 'eventtype', 'event_name', 'type', 'topic', 'action', 'kind']

/** The form of an event name: `invoice.paid`, `app_mention`, `orders/create`. */
const EVENT_FORM = /^[a-z][\w.:/-]*$/i

/** Fields whose values may be credentials: more than are recognised elsewhere, because titles are shown everywhere. */
const SECRET =
  /secret|token|passw|pwd|credential|auth(?!or(?!iz))|signature|api_?-?key|private|cookie|session|nonce|hash|digest|^(?:key|sig|otp|pin|cvv?|cvc|iban|ssn)$/i

/** Fields of little interest: times, versions, flags. */
const MINOR =
  /(?:^|_)(?:at|on|time|timestamp|ts|date|created|updated|version|livemode|locale|object|schema|format|encoding)$|[a-z](?:At|Time|Date|Version)$/

/** Values of little interest: addresses, random ids, anything long without a space. */
const OPAQUE = /^(?:https?:\/\/\S*|[\da-f-]{20,}|[!-?A-~]{33,})$/i

/** Values that may be credentials under another name; UUIDs are not among them. They are not shown. */
const RANDOM = /^(?![\da-f]{8}-[\da-f]{4}-)[\w+/=.-]{33,}$/i

/** Names of fields that name the object around them. */
const IDENTITY = /^(?:full_?name|display_?name|name|login|username|email|identifier|number|label|title|id)$/i

/** Objects that only wrap others. */
const WRAPPER = /^(?:data|object|payload|body|attributes|resource|item|items|record|event|detail|result)$/i

const REDACTED = '***'

/**
 * A title for a payload without a text that could serve as one: the name of the event and its first meaningful fields.
 *
 * @param json the beginning of the payload, without secrets
 * @param event what the sender calls the event, if that is known
 */
export function eventTitle(json: string, event: string | undefined): string {
  const scalars = jsonScalars(json).filter(
    ({ path, value }) =>
      !path.some((name) => SECRET.test(name)) && !value.includes(REDACTED) && value.trim() !== '',
  )
  const name = eventName(scalars, event)
  const facts = factsOf(scalars.filter((one) => !name?.fields.includes(one)))
  const parts = [...(name ? [name.text] : []), ...facts]
  return parts.length === 0 ? 'Empty payload' : shorten(parts.join(' · '), LENGTH)
}

/**
 * The name of the event, with the action if the sender has a separate field for it, and the fields that contain them.
 */
function eventName(
  scalars: readonly Scalar[],
  event: string | undefined,
): { text: string; fields: Scalar[] } | undefined {
  const named = (name: string): Scalar | undefined =>
    scalars.find(
      ({ path, value, isText, inList }) =>
        !inList && isText && path.length === 1 && path[0]?.toLowerCase() === name && EVENT_FORM.test(value),
    )
  const found = EVENT_NAMES.flatMap((name) => named(name) ?? [])
  const text = event ?? found[0]?.value
  if (text === undefined) return undefined
  const action = named('action')
  const isApart = action && !text.toLowerCase().includes(action.value.toLowerCase())
  return {
    text: oneLine(isApart ? `${text}.${action.value}` : text, VALUE_LENGTH * 2),
    fields: found.filter(({ value }) => value === text || value === action?.value),
  }
}

function factsOf(scalars: readonly Scalar[]): string[] {
  const named = scalars.filter(({ path, inList }) => path.length > 0 && path.length <= 4 && !inList)
  const telling = named.filter(
    ({ path, value, isText }) =>
      !MINOR.test(path.at(-1) ?? '') && !OPAQUE.test(value) && (isText || !/^[tfn]/.test(value)),
  )
  const chosen = telling.length > 0 ? telling : named
  // Top-level fields describe the event as a whole; from deeper levels, only names of objects are used.
  const rank = ({ path }: Scalar): number => {
    const [parent = '', name = ''] = [path.at(-2), path.at(-1)]
    if (name === 'id') return 4
    if (path.length === 1) return 0
    if (/_id$|[a-z]Id$/.test(name)) return 4
    if (IDENTITY.test(name)) return 1
    return WRAPPER.test(parent) ? 2 : 3
  }
  const facts = new Map<string, string>()
  for (const one of chosen.toSorted((a, b) => rank(a) - rank(b))) {
    const label = labelOf(one)
    if (facts.size >= MAX_FACTS || facts.has(label)) continue
    facts.set(label, RANDOM.test(one.value) ? '…' : oneLine(one.value, VALUE_LENGTH))
  }
  if (facts.size > 0) return [...facts].map(([label, value]) => `${label}: ${value}`)
  // Without fields: a text, a number, or a list of them.
  return scalars
    .filter(({ path, value }) => path.length === 0 && value !== 'null')
    .slice(0, MAX_FACTS)
    .map(({ value }, _, all) => oneLine(value, all.length === 1 ? LENGTH : VALUE_LENGTH))
}

/** The label of a field. A field that names its object gets the name of the object: `repository`, not `full_name`. */
function labelOf({ path }: Scalar): string {
  const [parent, name = ''] = [path.at(-2), path.at(-1)]
  return oneLine(
    parent !== undefined && IDENTITY.test(name) && !WRAPPER.test(parent) ? parent : name,
    VALUE_LENGTH,
  )
}

function oneLine(text: string, length: number): string {
  return shorten(text.replace(/\s+/g, ' ').trim(), length)
}
