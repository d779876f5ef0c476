import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { say, startModelServer, userText, type ModelServer } from './harness/modelServer.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let app: TestApp
let second: { url: string; stop(): Promise<void> }

beforeAll(async () => {
  model = await startModelServer()
  app = await startTestApp({ LOCAL_MODEL_BASE_URL: model.url })
  second = await app.startFrontDoor()
}, 60_000)
beforeEach(async () => {
  model.reset()
  await app.startWorker()
})
afterAll(async () => {
  await second?.stop()
  await app?.stop()
  await model?.stop()
})

/** Long enough that no test reaches its end by accident. */
const HOUR = 3_600

async function createWebhook(
  settings: Record<string, unknown>,
  config: Record<string, unknown> = {},
): Promise<string> {
  const agent = await app.createAgent({ model: 'local/test', ...config })
  const made = await app.call('POST', `/api/agents/${agent.id}/webhooks`, settings)
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return made.body.url
}

const burst = (more: Record<string, unknown> = {}) => ({
  coalesce: { key: 'payload.repo', window_seconds: HOUR, ...more },
})

const elsewhere = (url: string): string => second.url + new URL(url).pathname

const read = async (id: string) => (await app.call('GET', `/api/tasks/${id}`)).body

function reach(id: string, ...states: string[]) {
  return waitFor(
    async () => {
      const task = await read(id)
      return states.includes(task.state) ? task : undefined
    },
    { deadlineMs: 30_000, everyMs: 50, what: `task ${id} in state ${states.join(' or ')}` },
  )
}

describe('coalesce', () => {
  it('combines the requests within the window into one task', async () => {
    const url = await createWebhook(burst({ window_seconds: 2 }))
    const answers = []
    for (const n of [1, 2, 3]) answers.push(await app.call('POST', url, { repo: 'a', n }))
    const other = await app.call('POST', url, { repo: 'b', n: 4 })
    const ids = answers.map(({ body }) => body.task_id)
    expect(new Set(ids).size).toBe(1)
    expect(answers.map(({ body }) => body.joined)).toEqual([undefined, true, true])
    expect(other.body.task_id).not.toBe(ids[0])
    expect((await read(ids[0])).held).toMatchObject({ reason: 'coalescing', until: expect.any(String) })
    const task = await reach(ids[0], 'SUCCESS')
    expect(task.payload).toEqual({ events: [1, 2, 3].map((n) => ({ repo: 'a', n })) })
    expect(task.held).toBeNull()
    expect(task.joined.map(({ payload, step }: never) => [payload, step])).toEqual([
      [{ repo: 'a', n: 2 }, null],
      [{ repo: 'a', n: 3 }, null],
    ])
    const texts = model.requests.map(({ body }) => userText(body))
    expect(texts.join('\n')).toContain('{"repo":"a","n":3}')
    expect((await reach(other.body.task_id, 'SUCCESS')).payload).toEqual({ events: [{ repo: 'b', n: 4 }] })
  })

  it('starts immediately when the burst is full, and then begins another', async () => {
    const url = await createWebhook(burst({ max: 2 }))
    const ids: string[] = []
    for (const n of [1, 2, 3]) ids.push((await app.call('POST', url, { repo: 'a', n })).body.task_id)
    expect(ids[0]).toBe(ids[1])
    expect(ids[2]).not.toBe(ids[0])
    await reach(ids[0] ?? '', 'SUCCESS')
    expect((await read(ids[2] ?? '')).state).toBe('PENDING')
  })

  it('accepts each of 64 racing requests exactly once, at two front doors', async () => {
    const url = await createWebhook(burst({ max: 10 }))
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, n) =>
        waitFor(
          async () => {
            const headers = { 'idempotency-key': `race-${n}` }
            const one = n % 2 === 0 ? url : elsewhere(url)
            const answer = await app.call('POST', one, { repo: 'race', n }, headers)
            return answer.status === 200 ? answer : undefined
          },
          { deadlineMs: 20_000, what: 'an acknowledgement' },
        ),
      ),
    )
    const ids = [...new Set(answers.map(({ body }) => String(body.task_id)))]
    expect(ids).toHaveLength(7)
    const full = await Promise.all(
      ids.map(async (id) => {
        const mine = answers.filter(({ body }) => body.task_id === id).length
        return mine === 10 ? reach(id, 'SUCCESS') : undefined
      }),
    )
    const seen = full.flatMap((task) => task?.payload.events.map(({ n }: { n: number }) => n) ?? [])
    expect(seen).toHaveLength(60)
    expect(new Set(seen).size).toBe(60)
    for (const [n, { body }] of answers.entries()) {
      const task = full.find((one) => one?.id === body.task_id)
      if (task) expect(task.payload.events).toContainEqual({ repo: 'race', n })
    }
  })

  it('recognises a repeated request that has joined', async () => {
    const url = await createWebhook(burst())
    await app.call('POST', url, { repo: 'd', n: 0 })
    const headers = { 'idempotency-key': 'same' }
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        app.call('POST', n % 2 === 0 ? url : elsewhere(url), { repo: 'd', n: 1 }, headers),
      ),
    )
    expect(new Set(answers.map(({ body }) => body.task_id)).size).toBe(1)
    const replayed = answers.filter((one) => one.headers.get('idempotency-replayed') === 'true')
    expect(replayed).toHaveLength(7)
    expect((await read(answers[0]?.body.task_id)).joined).toHaveLength(1)
  })

  it('keeps the body of each request, and its metadata', async () => {
    const url = await createWebhook(burst())
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    await app.call('POST', url, 'repo=f&n=1', form)
    const { body } = await app.call('POST', url, 'repo=f&n=2', { ...form, 'x-request-id': 'r2' })
    const task = await read(body.task_id)
    expect(task.joined).toMatchObject([
      { payload: { repo: 'f', n: '2' }, request: { headers: { 'x-request-id': 'r2' } } },
    ])
    const { rows } = await app.database.db.pool.query<{ body: Buffer }>(
      'select body from bellwire.joined_requests where task_id = $1',
      [body.task_id],
    )
    expect(rows.map((row) => row.body.toString())).toEqual(['repo=f&n=2'])
  })

  it('can be cancelled while it collects; later requests are another burst', async () => {
    const url = await createWebhook(burst())
    const first = (await app.call('POST', url, { repo: 'x', n: 1 })).body.task_id
    await app.call('POST', url, { repo: 'x', n: 2 })
    await app.call('POST', `/api/tasks/${first}/cancel`)
    const next = await app.call('POST', url, { repo: 'x', n: 3 })
    expect(next.body.task_id).not.toBe(first)
    // Its replay has the collected payloads.
    const replay = await app.call('POST', `/api/tasks/${first}/replay`, {})
    const task = await reach(replay.body.task_id, 'SUCCESS')
    expect(task.payload).toEqual({
      events: [
        { repo: 'x', n: 1 },
        { repo: 'x', n: 2 },
      ],
    })
  })

  it('makes bursts part of a conversation', async () => {
    const url = await createWebhook(
      { ...burst({ max: 2 }), conversation: { key: 'payload.repo' } },
      { message: '{% for e in payload.events %}{{ e.n }} {% endfor %}' },
    )
    const { promise, resolve } = Promise.withResolvers<undefined>()
    model.handle(async ({ body }) => {
      await promise
      return say(`echo: ${userText(body)}`)
    })
    const ids: string[] = []
    for (const n of [1, 2, 3, 4]) ids.push((await app.call('POST', url, { repo: 'c', n })).body.task_id)
    await reach(ids[0] ?? '', 'STARTED')
    expect((await read(ids[3] ?? '')).held).toMatchObject({ reason: 'conversation_busy' })
    resolve(undefined)
    await reach(ids[3] ?? '', 'SUCCESS')
    const sent = model.requests.at(-1)?.body.messages.filter(({ role }) => role !== 'system')
    expect(sent?.map(({ content }) => content)).toEqual(['1 2 ', 'echo: 1 2 ', '3 4 '])
  })
})
