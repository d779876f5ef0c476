import { createFindMaxPending } from '../../agents/maxPending.ts'
import { answerRoutes } from '../../http/routes/answer.ts'
import { streamRoutes } from '../../http/routes/stream.ts'
import { createAskAgent } from '../../ingress/askAgent.ts'
import { findConversation } from '../../tasks/conversations/findConversation.ts'
import type { Accepting } from './accepting.ts'
import type { Access } from './access.ts'
import type { ApiBase } from './base.ts'
import type { Following } from './following.ts'

/** The direct API: a question to an agent, and its answer or a stream of it. */
export function openAsking(
  { db }: ApiBase,
  {
    access: { keys, refuseFailure, taskLinks },
    accepting: { acceptor },
    following,
  }: { access: Access; accepting: Accepting; following: Following },
) {
  const askAgent = createAskAgent({
    findConversation: (id) => findConversation(db, id),
    findCaller: keys.verify,
    findMaxPending: createFindMaxPending(db),
    acceptor,
  })
  return {
    open: [
      answerRoutes({ askAgent, links: taskLinks, waits: following.waits, refuseFailure }),
      streamRoutes({ askAgent, ...following, refuseFailure }),
    ],
  }
}
