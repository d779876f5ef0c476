import { setTimeout as delay } from 'node:timers/promises'
import { choosePlan, THREADS } from './plan.ts'
import type { Random } from './random.ts'

/** A trigger that was answered with 200: from then on the task must not be lost. */
export type Acknowledgement = {
  marker: string
  /** Idempotency-Key, if one was sent. */
  key: string | undefined
  taskId: string
  /** Idempotency-Replayed: the key had been seen before. */
  replayed: boolean
}

export type Load = {
  acknowledgements: Acknowledgement[]
  /** The plan of each marker, whether its trigger was acknowledged or not. */
  plans: Map<string, string>
  /** Triggers that got another response, or none. */
  refused(): number
  /** Stops sending; resolves when no request is in progress. */
  stop(): Promise<void>
}

type Trigger = { url: string; marker: string; plan: string; key: string | undefined }

const SENDERS = 4
/** How many keys are remembered for repeated requests. */
const RECENT = 50
const PATIENCE_MS = 5_000
/** How long a sender waits after a refusal. */
const PAUSE_MS = 200

/**
 * Sends triggers until it is stopped: without a key; with one; with one several times at once; and with one that was
 * sent before. A trigger without a key is sent once, whatever the response.
 */
export function startLoad({
  urls,
  random,
  mayHave,
  finished,
}: {
  urls: string[]
  random: Random
  /** Maximum concurrent tasks. */
  mayHave: number
  finished: ReadonlySet<string>
}): Load {
  const acknowledgements: Acknowledgement[] = []
  const plans = new Map<string, string>()
  const recent: Trigger[] = []
  const open = new Set<string>()
  let refused = 0
  let stopped = false
  const senders = Array.from({ length: SENDERS }, () => keepSending())

  async function keepSending(): Promise<void> {
    while (!stopped) {
      for (const marker of open) if (finished.has(marker)) open.delete(marker)
      if (open.size < mayHave) await Promise.all(nextTriggers().map(send))
      await delay(random.between(5, 40))
    }
  }

  /** One trigger, possibly sent several times. */
  function nextTriggers(): Trigger[] {
    const again = recent[Math.floor(random.between(0, RECENT))]
    if (again && random.chance(0.2)) return [again]
    const marker = `m${plans.size + 1}`
    const plan = choosePlan(random)
    const key = random.chance(0.6) ? `key of ${marker}` : undefined
    const url = urls[Math.floor(random.between(0, urls.length))] ?? ''
    const trigger = { url, marker, plan, key }
    plans.set(marker, plan)
    if (key === undefined) return [trigger]
    recent.unshift(trigger)
    recent.length = Math.min(recent.length, RECENT)
    return random.chance(0.4) ? [trigger, trigger, trigger] : [trigger]
  }

  async function send({ url, marker, plan, key }: Trigger): Promise<void> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) },
        body: JSON.stringify({ marker, plan, thread: `thread ${Number(marker.slice(1)) % THREADS}` }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      const body: unknown = await response.json()
      const taskId = typeof body === 'object' && body && 'task_id' in body ? body.task_id : undefined
      if (response.status !== 200 || typeof taskId !== 'string') throw new Error('refused')
      const replayed = response.headers.get('idempotency-replayed') === 'true'
      acknowledgements.push({ marker, key, taskId, replayed })
      if (!finished.has(marker)) open.add(marker)
    } catch {
      refused += 1
      if (!stopped) await delay(PAUSE_MS)
    }
  }

  return {
    acknowledgements,
    plans,
    refused: () => refused,
    async stop() {
      stopped = true
      await Promise.all(senders)
    },
  }
}
