import type { SourceName } from '../../src/ingress/sources/index.ts'
import { generic } from './generic.ts'
import { github } from './github.ts'
import { hmac } from './hmac.ts'
import type { Sample } from './sample.ts'
import { slack } from './slack.ts'
import { standardWebhooks } from './standardWebhooks.ts'
import { stripe } from './stripe.ts'

/** One for each source: the table of sources does not compile without it. */
export const SAMPLES: Record<SourceName, Sample> = {
  generic,
  standard_webhooks: standardWebhooks,
  github,
  stripe,
  slack,
  hmac,
}
