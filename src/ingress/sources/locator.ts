import type { IncomingHttpHeaders } from 'node:http'
import { createHash } from 'node:crypto'
import { isObject } from '../../contract/jsonObject.ts'
import { ExactNumber } from '../../contract/exactJson.ts'
import { readHeader } from '../schemes/scheme.ts'

/** What a sender says about an event is looked for here. */
export type LocatedIn = { headers: IncomingHttpHeaders; payload: unknown }

/** A place in a request where a text stands, such as the name of the event. */
export type Locator = {
  /** Where it is, in Markdown: the name of a header, or a JSON pointer into the payload. */
  text: string
  find(message: LocatedIn): string | undefined
}

/** Ids of events become keys, which are bounded; a longer text is represented by its hash. */
const MAX_LENGTH = 200

/** Reads what a locator points at: undefined when it is not there, is empty, or is no text and no number. */
export function locate(locator: Locator | undefined, message: LocatedIn): string | undefined {
  const found = locator?.find(message)
  if (found === undefined || found === '') return undefined
  return found.length <= MAX_LENGTH ? found : createHash('sha256').update(found).digest('hex')
}

/** The first of some headers that the request has. */
export function header(...names: [string, ...string[]]): Locator {
  return {
    text: names.map((name) => `\`${name}\``).join(', else '),
    find: ({ headers }) => readHeader(headers, names)?.value,
  }
}

/** A field of the payload, as a JSON pointer. */
export function field(pointer: string): Locator {
  const steps = pointerSteps(pointer)
  return { text: `\`${pointer}\``, find: ({ payload }) => asText(follow(payload, steps)) }
}

/** Something that has to be worked out from the request. */
export function computed(text: string, find: Locator['find']): Locator {
  return { text, find }
}

/** The first place of several where something stands. */
export function firstOf(...locators: [Locator, ...Locator[]]): Locator {
  return {
    text: locators.map(({ text }) => text).join(', else '),
    find(message) {
      for (const locator of locators) {
        const found = locator.find(message)
        if (found !== undefined && found !== '') return found
      }
      return undefined
    },
  }
}

/** Several places joined by a dot, without those where nothing stands; undefined when the first is one of these. */
export function joined(...locators: [Locator, ...Locator[]]): Locator {
  return {
    text: locators.map(({ text }) => text).join(' + '),
    find(message) {
      const [first, ...rest] = locators.map((locator) => locator.find(message))
      if (first === undefined || first === '') return undefined
      return [first, ...rest.filter((part) => part !== undefined && part !== '')].join('.')
    },
  }
}

/** A field of each event of a list, joined by commas: one text for all the events of a request. */
export function fieldOfEach(list: string, pointer: string): Locator {
  const listSteps = pointerSteps(list)
  const steps = pointerSteps(pointer)
  return {
    text: `\`${pointer}\` of each element${list === '' ? '' : ` of \`${list}\``}`,
    find({ payload }) {
      const elements = follow(payload, listSteps)
      if (!Array.isArray(elements)) return asText(follow(payload, steps))
      const found = elements.map((element) => asText(follow(element, steps)))
      return found.every((text) => text !== undefined) ? found.join(',') : undefined
    },
  }
}

function pointerSteps(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Follows a JSON pointer that was taken apart; undefined where it leads nowhere. */
function follow(value: unknown, steps: readonly string[]): unknown {
  let at = value
  for (const step of steps) {
    if (Array.isArray(at)) at = /^\d+$/.test(step) ? at[Number(step)] : undefined
    else if (isObject(at) && Object.hasOwn(at, step)) at = at[step]
    else return undefined
  }
  return at
}

/** The value at a JSON pointer. */
export function valueAt(payload: unknown, pointer: string): unknown {
  return follow(payload, pointerSteps(pointer))
}

function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || value instanceof ExactNumber ? String(value) : undefined
}
