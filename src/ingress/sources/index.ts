import { generic } from './generic.ts'
import { github } from './github.ts'
import { hmac } from './hmac.ts'
import { slack } from './slack.ts'
import type { Source } from './source.ts'
import { standardWebhooks } from './standardWebhooks.ts'
import { stripe } from './stripe.ts'

/** Every sender that Bellwire knows, in the order in which people see them. */
export const SOURCES = {
  generic,
  standard_webhooks: standardWebhooks,
  github,
  stripe,
  slack,
  hmac,
} as const satisfies Record<string, Source>

export type SourceName = keyof typeof SOURCES

export const SOURCE_NAMES = Object.keys(SOURCES) as SourceName[]

/** The source of a name; undefined when there is none. */
export function findSource(name: string): Source | undefined {
  return Object.hasOwn(SOURCES, name) ? SOURCES[name as SourceName] : undefined
}
