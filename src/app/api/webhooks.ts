import { shareAnnouncements } from '../../db/announcements.ts'
import { createCallbacks } from '../../delivery/callbacks.ts'
import { createDeliveries } from '../../delivery/deliveries.ts'
import { createCheckReply } from '../../delivery/replies/checkReply.ts'
import type { Compat } from '../../http/compat/compat.ts'
import { agentWebhookRoutes } from '../../http/routes/agentWebhook.ts'
import { callbackRoutes } from '../../http/routes/callbacks.ts'
import { deliveryRoutes } from '../../http/routes/deliveries.ts'
import { heldTaskRoutes } from '../../http/routes/heldTasks.ts'
import { sourceRoutes } from '../../http/routes/sources.ts'
import { webhookRoutes } from '../../http/routes/webhooks.ts'
import { createCheckWebhook } from '../../ingress/webhook/checkWebhook.ts'
import { compileSource, type CompileSource } from '../../ingress/sources/compile.ts'
import type { Secrets } from '../../secrets/secrets.ts'
import { countHeld, discardHeld, findHoldingAgent, releaseHeld } from '../../tasks/heldTasks.ts'
import { createGuardedFetch } from '../../tools/guardedFetch.ts'
import { createWebhooks } from '../../webhooks/webhooks.ts'
import type { AgentParts } from './agents.ts'
import type { ApiBase } from './base.ts'

export type WebhookParts = Awaited<ReturnType<typeof openWebhooks>>

/**
 * How long fetching the certificates and keys of senders may take: the sender waits for its acknowledgement meanwhile.
 */
const SENDER_KEY_TIMEOUT_MS = 5_000

/** Webhooks as the operator configures them, with their callbacks and the tasks that they hold. */
export async function openWebhooks(
  { stack, config, db, signals, vault }: ApiBase,
  { agents: { checks }, secrets, compat }: { agents: AgentParts; secrets: Secrets; compat: Compat },
) {
  const { publicUrl, allowPrivateNetworks } = config
  const keyFetch = createGuardedFetch({ allowPrivateNetworks, timeoutMs: SENDER_KEY_TIMEOUT_MS })
  stack.defer(() => keyFetch.close())
  const sourceOf: CompileSource = (options, given) => compileSource(options, given, { fetch: keyFetch })
  const changes = await shareAnnouncements(signals, 'bellwire_webhooks')
  const callbacks = createCallbacks({ db, vault, changes })
  const checkWebhook = createCheckWebhook({
    checkSchema: checks.jsonSchema,
    compileSource: sourceOf,
    checkReply: createCheckReply({ readSecret: secrets.read, hasMail: config.mail !== undefined }),
  })
  const webhooks = createWebhooks({ db, vault, check: checkWebhook, callbacks: callbacks.within, changes })
  return {
    webhooks,
    callbacks,
    checkWebhook,
    compileSource: sourceOf,
    changes,
    management: [
      sourceRoutes(),
      webhookRoutes({ webhooks, countHeld: (agentId) => countHeld(db, agentId), publicUrl }),
      heldTaskRoutes({
        findAgent: (webhookId) => findHoldingAgent(db, webhookId),
        release: (held) => releaseHeld({ db, signals }, held),
        discard: (held) => discardHeld({ db, signals }, held),
      }),
      compat.wrap(agentWebhookRoutes({ webhooks, publicUrl })),
      callbackRoutes({ callbacks }),
      deliveryRoutes({ deliveries: createDeliveries({ db }) }),
    ],
  }
}
