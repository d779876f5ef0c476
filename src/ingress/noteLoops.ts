import { LRUCache } from 'lru-cache'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Arrival } from './arrival.ts'

/** An object is named in the log once in so long. */
const AGAIN_MS = 600_000
const MAX_OBJECTS = 1_000

/** Makes the function that counts requests held for ringing too often about one object, and writes a line for it. */
export function createNoteLoops({
  metrics,
  log,
}: {
  metrics: Metrics
  log: Log
}): (arrival: Arrival) => void {
  const held = metrics.counter(
    'bellwire_loops_suspected_total',
    'Requests held because too many events about one object started the agent within ten minutes.',
  )
  const noted = new LRUCache<string, true>({ max: MAX_OBJECTS, ttl: AGAIN_MS })
  return ({ webhook, object = '' }) => {
    held.add({})
    const key = `${webhook.agentId} ${object}`
    if (noted.has(key)) return
    noted.set(key, true)
    log.warn(
      { agent_id: webhook.agentId, webhook_id: webhook.id, object, limit: webhook.options.loop_limit },
      'too many events about one object: a loop is suspected, and tasks are held until they are released',
    )
  }
}
