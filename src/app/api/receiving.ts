import type { Compat } from '../../http/compat/compat.ts'
import { createRespondToTrigger } from '../../http/plumbing/respondToTrigger.ts'
import { startPage } from '../../http/pages/startPage.ts'
import { createNoteOutcome } from '../../http/plumbing/webhookOutcome.ts'
import { filterTryRoutes } from '../../http/routes/filterTry.ts'
import { firstRingRoutes } from '../../http/routes/firstRing.ts'
import { rejectionRoutes } from '../../http/routes/rejections.ts'
import { triggerRoutes } from '../../http/routes/trigger.ts'
import { createAnswerOptions } from '../../ingress/answerOptions.ts'
import { createCompileWebhook } from '../../ingress/webhook/compileWebhook.ts'
import { tryFilter } from '../../ingress/filterTry/tryFilter.ts'
import { createRecordRing } from '../../ingress/firstRing/recordRings.ts'
import { createRings } from '../../ingress/firstRing/rings.ts'
import { createWaitForRings } from '../../ingress/firstRing/waitForRings.ts'
import { createNoteActivity } from '../../ingress/noteActivity.ts'
import { createNoteLoops } from '../../ingress/noteLoops.ts'
import { createRateLimits } from '../../ingress/rateLimit/rateLimits.ts'
import { createCheckToken, createReceive } from '../../ingress/receive.ts'
import { createRecordUnreceived } from '../../ingress/rejections/recordUnreceived.ts'
import { createAcceptRejection } from '../../ingress/rejections/acceptRejection.ts'
import { createReadmit } from '../../ingress/rejections/readmit.ts'
import { createRejections } from '../../ingress/rejections/rejections.ts'
import { createRestore } from '../../ingress/rejections/restore.ts'
import { createSteps } from '../../ingress/steps/steps.ts'
import { cacheWebhooks } from '../../ingress/webhook/webhookCache.ts'
import { createIsSignedIn } from '../../auth/isSignedIn.ts'
import { countHeld } from '../../tasks/heldTasks.ts'
import { createObjectGuard } from '../../tasks/objectGuard.ts'
import { compileJsonMismatches } from '../../tools/schemas/jsonSchema.ts'
import type { Accepting } from './accepting.ts'
import type { Access } from './access.ts'
import type { AgentParts } from './agents.ts'
import type { ApiBase } from './base.ts'
import type { Following } from './following.ts'
import type { WebhookParts } from './webhooks.ts'

type Parts = {
  access: Access
  agents: AgentParts
  webhooks: WebhookParts
  accepting: Accepting
  following: Following
  compat: Compat
}

/** From a request at a webhook to a task, and what is kept of requests: rejections, and the first ones of a webhook. */
export async function openReceiving(base: ApiBase, parts: Parts) {
  const { stack, config, db, signals, metrics, log } = base
  const { access, agents, webhooks, accepting, following, compat } = parts
  const { publicUrl, maxBodyBytes } = config
  const onLoop = createNoteLoops({ metrics, log })
  const findWebhook = openWebhookCache(base, webhooks, onLoop)

  const rings = createRings(db)
  const ringing = createRecordRing({ rings, signals, changes: webhooks.changes, log })
  stack.defer(() => ringing.idle())
  const activity = createNoteActivity({ db, log })
  stack.defer(() => activity.stop())
  const rejections = createRejections({ db, metrics, log })
  stack.defer(() => rejections.stop())

  const receive = createReceive({
    findWebhook,
    acceptor: accepting.acceptor,
    recordRejection: rejections.record,
    recordRing: (arrival, outcome) => {
      ringing.record(arrival, outcome)
      activity.note(arrival, outcome)
    },
    onLoop,
  })
  const restore = createRestore({
    findToken: async (agentId, id) => (await webhooks.webhooks.get(agentId, id)).token,
    findWebhook,
    maxBodyBytes,
  })
  const readmit = createReadmit({ restore, acceptor: accepting.acceptor })

  return {
    open: [
      compat.wrap(
        triggerRoutes({
          receive,
          checkToken: createCheckToken(findWebhook),
          answerOptions: createAnswerOptions({ findWebhook, publicUrl }),
          isSignedIn: createIsSignedIn({ ...access, publicUrl }),
          maxBodyBytes,
          respond: createRespondToTrigger({ ...following, links: access.taskLinks, log }),
          refuseFailure: access.refuseFailure,
          recordUnreceived: createRecordUnreceived({ findWebhook, recordRejection: rejections.record }),
          noteOutcome: createNoteOutcome(metrics),
        }),
      ),
    ],
    management: [
      filterTryRoutes({ ...webhooks, tryFilter: (options) => tryFilter({ db, restore }, options) }),
      rejectionRoutes({
        db,
        written: rejections.written,
        acceptRejection: createAcceptRejection({ db, readmit }),
        links: access.taskLinks,
      }),
      firstRingRoutes({
        rings,
        waitForRings: await createWaitForRings({ rings, signals }),
        agents: agents.agents,
        webhooks: webhooks.webhooks,
        checkWebhook: webhooks.checkWebhook,
        countHeld: (agentId) => countHeld(db, agentId),
        changed: webhooks.changes.announce,
        publicUrl,
      }),
    ],
  }
}

/** Webhooks by the hashes of their tokens, compiled once and kept until one changes. */
function openWebhookCache(
  { db, config: { publicUrl, maxBodyBytes } }: ApiBase,
  { webhooks, compileSource, changes }: WebhookParts,
  onLoop: ReturnType<typeof createNoteLoops>,
) {
  return cacheWebhooks({
    find: webhooks.findByTokenHash,
    compile: createCompileWebhook({
      steps: createSteps({
        publicUrl,
        maxBodyBytes,
        rateLimits: createRateLimits({ db }),
        judgeObject: createObjectGuard(db),
        onLoop,
        startPage,
      }),
      compileSource,
      compileSchema: compileJsonMismatches,
    }),
    changes,
  })
}
