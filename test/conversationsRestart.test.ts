import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { say, startModelServer, userText, type ModelServer } from './harness/modelServer.ts'
import { startProgram, type Program } from './harness/program.ts'
import { waitFor } from './harness/waitFor.ts'

/** The number of requests of each kind, and how often all processes are killed meanwhile. */
const REQUESTS = 60
const KILLS = 4

let model: ModelServer
let program: Program

beforeAll(async () => {
  model = await startModelServer(({ body }) => ({ ...say(`done: ${userText(body).length}`), delayMs: 15 }))
  program = await startProgram({ env: { LOCAL_MODEL_BASE_URL: model.url } })
}, 60_000)
afterAll(async () => {
  await program?.remove()
  await model?.stop()
})

async function createWebhook(name: string, settings: Record<string, unknown>): Promise<string> {
  const agent = await program.api('POST', '/api/agents', {
    name,
    instructions: name,
    message:
      '{% for e in payload.events %}<{{ e.n }}>{% endfor %}{% if payload.n %}<{{ payload.n }}>{% endif %}',
    model: 'local/test',
    limits: { max_conversation_tokens: 1_000_000 },
  })
  const made = await program.api('POST', `/api/agents/${agent.body.id}/webhooks`, settings)
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return String(made.body.url).replace('localhost', '127.0.0.1')
}

/** Sends a request until it is acknowledged, always with the same key. */
async function send(url: string, n: number | string): Promise<string> {
  for (;;) {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `key-${n}` },
        body: JSON.stringify({ n }),
        signal: AbortSignal.timeout(5_000),
      })
      const body: unknown = await response.json()
      if (response.status === 200 && typeof body === 'object' && body && 'task_id' in body) {
        return String(body.task_id)
      }
    } catch {
      // It has just been killed.
    }
    await delay(50)
  }
}

async function readTask(id: string) {
  return (await program.api('GET', `/api/tasks/${id}`)).body
}

function ended(id: string) {
  return waitFor(
    async () => {
      const task = await readTask(id)
      return ['SUCCESS', 'FAILURE', 'CANCELLED'].includes(task.state) ? task : undefined
    },
    { deadlineMs: 60_000, everyMs: 100, what: `the end of ${id}` },
  )
}

/** How often each request appears in the user's messages, in the last prompt of an agent. */
function countIn(name: string): Map<string, number> {
  const last = model.requests.findLast(({ body }) => body.messages[0]?.content === name)
  const said = (last?.body.messages ?? []).filter(({ role }) => role === 'user').map(({ content }) => content)
  const counts = new Map<string, number>()
  for (const [, n = ''] of said.join('').matchAll(/<(\w+)>/g)) counts.set(n, (counts.get(n) ?? 0) + 1)
  return counts
}

describe('conversations and bursts during kills', () => {
  it('loses no request, and shows none twice', async () => {
    const kinds = {
      queue: { conversation: { key: '"k"', while_running: 'queue' } },
      append: { conversation: { key: '"k"', while_running: 'append' } },
      restart: { conversation: { key: '"k"', while_running: 'restart' } },
      coalesce: {
        conversation: { key: '"k"', while_running: 'queue' },
        coalesce: { key: '"k"', window_seconds: 0.3, max: 7 },
      },
    }
    const names = Object.keys(kinds)
    const urls = new Map<string, string>()
    for (const [name, settings] of Object.entries(kinds)) urls.set(name, await createWebhook(name, settings))

    let sent = 0
    const load = names.map(async (name) => {
      const ids: string[] = []
      const next = Array.from({ length: REQUESTS }, (_, n) => n + 1)
      // A few at a time, so that they race and the kills come in between.
      const senders = Array.from({ length: 6 }, async () => {
        for (let n = next.shift(); n !== undefined; n = next.shift()) {
          ids.push(await send(urls.get(name) ?? '', n))
          sent += 1
          // So that runs begin between two requests.
          await delay(25)
        }
      })
      await Promise.all(senders)
      return [name, ids] as const
    })
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const total = names.length * REQUESTS
      await waitFor(() => sent >= (total * kill) / (KILLS + 2), { deadlineMs: 120_000, what: 'the load' })
      await program.killAll()
      await program.start()
    }
    const accepted = new Map(await Promise.all(load))

    for (const name of names) {
      const ids = [...new Set(accepted.get(name))]
      const tasks = await Promise.all(ids.map(ended))
      for (const { state } of tasks) {
        expect(name === 'restart' ? ['CANCELLED', 'SUCCESS'] : ['SUCCESS'], name).toContain(state)
      }
      // The last task sees everything that was said, each request once.
      const last = await send(urls.get(name) ?? '', 'end')
      expect((await ended(last)).state).toBe('SUCCESS')
      const counts = countIn(name)
      for (let n = 1; n <= REQUESTS; n += 1) expect(counts.get(`${n}`), `${name}: request ${n}`).toBe(1)
      expect(counts.get('end')).toBe(1)
    }
  }, 240_000)
})
