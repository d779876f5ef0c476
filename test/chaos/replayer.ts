import { setTimeout as delay } from 'node:timers/promises'

/** An answered replay request: the tasks that it created. */
export type ReplayRequest = { key: string; taskIds: string[] }

export type Replayer = {
  requests: ReplayRequest[]
  /** Stops sending requests; resolves when none is in progress. */
  stop(): Promise<void>
}

const PATIENCE_MS = 5_000
const PAUSE_MS = 700
/** Tasks per request. */
const LIMIT = 3

/** Replays failed tasks, a few at a time, until it is stopped. A request is repeated until it is answered. */
export function startReplayer({ url, adminKey }: { url: string; adminKey: string }): Replayer {
  const requests: ReplayRequest[] = []
  const stopping = new AbortController()
  let number = 0
  const loop = keepReplaying()

  async function keepReplaying(): Promise<void> {
    while (!stopping.signal.aborted) {
      const key = `replay ${++number}`
      let answer: ReplayRequest | undefined
      while (!answer && !stopping.signal.aborted) {
        await delay(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
        answer = await ask(key).catch(() => undefined)
      }
      if (answer) requests.push(answer)
    }
  }

  async function ask(key: string): Promise<ReplayRequest | undefined> {
    const response = await fetch(`${url}/api/tasks/replay`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${adminKey}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ filter: { error_code: 'provider_bad_request' }, limit: LIMIT }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const body: unknown = await response.json()
    if (response.status !== 200 || typeof body !== 'object' || body === null || !('task_ids' in body)) {
      return undefined
    }
    return { key, taskIds: Array.isArray(body.task_ids) ? body.task_ids.map(String) : [] }
  }

  return {
    requests,
    async stop() {
      stopping.abort()
      await loop
    },
  }
}
