import type { SourceName } from '../../src/ingress/sources/index.ts'
import { awsSns } from './awsSns.ts'
import { cloudevents } from './cloudevents.ts'
import { discord } from './discord.ts'
import { dropbox } from './dropbox.ts'
import { eventGrid } from './eventGrid.ts'
import { generic } from './generic.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import { googlePubsub } from './googlePubsub.ts'
import { hmac } from './hmac.ts'
import { hubspot } from './hubspot.ts'
import { intercom } from './intercom.ts'
import { jira } from './jira.ts'
import { linear } from './linear.ts'
import { meta } from './meta.ts'
import { microsoftGraph } from './microsoftGraph.ts'
import { okta } from './okta.ts'
import { paypal } from './paypal.ts'
import { sendgrid } from './sendgrid.ts'
import { sentry } from './sentry.ts'
import { shopify } from './shopify.ts'
import { slack } from './slack.ts'
import { square } from './square.ts'
import { standardWebhooks } from './standardWebhooks.ts'
import { stripe } from './stripe.ts'
import { telegram } from './telegram.ts'
import { twilio } from './twilio.ts'
import { typeform } from './typeform.ts'
import { zoom } from './zoom.ts'
import type { Sample } from './sample.ts'

/** One for each source: it does not compile otherwise. */
export const SAMPLES: Record<SourceName, Sample> = {
  generic,
  standard_webhooks: standardWebhooks,
  github,
  gitlab,
  stripe,
  slack,
  shopify,
  twilio,
  sendgrid,
  paypal,
  linear,
  discord,
  zoom,
  meta,
  typeform,
  intercom,
  square,
  sentry,
  jira,
  hubspot,
  telegram,
  cloudevents,
  microsoft_graph: microsoftGraph,
  event_grid: eventGrid,
  aws_sns: awsSns,
  google_pubsub: googlePubsub,
  dropbox,
  okta,
  hmac,
}
