import { createFairRanks } from '../../queue/fairRank.ts'
import { followHead } from '../../queue/followHead.ts'
import { announcePressure } from '../../queue/pressure.ts'
import { createAcceptor } from '../../tasks/accept.ts'
import { measureAccepts } from '../../tasks/measureAccepts.ts'
import type { ApiBase } from './base.ts'

export type Accepting = ReturnType<typeof openAccepting>

/** How triggers become tasks in the queue. */
export function openAccepting({ stack, db, signals, metrics }: ApiBase) {
  const ranks = createFairRanks()
  const following = followHead(db, ranks)
  stack.defer(() => following.stop())
  const pressure = announcePressure({ signals })
  stack.defer(() => pressure.stop())
  const acceptor = measureAccepts(createAcceptor({ db, ranks, signals }), metrics)
  // Triggers of clients that have disconnected are still written before the database is closed.
  stack.defer(() => acceptor.idle())
  return { ranks, acceptor }
}
