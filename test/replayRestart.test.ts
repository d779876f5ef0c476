import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { callTools, fail, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startProgram, type Program } from './harness/program.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let tools: ToolServer
let program: Program

beforeAll(async () => {
  model = await startModelServer()
  tools = await startToolServer()
  program = await startProgram({
    env: { LOCAL_MODEL_BASE_URL: model.url, BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8' },
  })
}, 60_000)

beforeEach(() => {
  model.reset()
  tools.reset()
  model.handle(pay)
})

afterAll(async () => {
  await program?.remove()
  await Promise.all([model?.stop(), tools?.stop()])
})

type Handler = Parameters<ModelServer['handle']>[0]

/** The number of an answer within its run, from 0. */
const turnOf = ({ body }: Parameters<Handler>[0]): number =>
  body.messages.filter(({ role }) => role === 'assistant').length

const pay: Handler = (request) =>
  turnOf(request) === 0 ? callTools([{ name: 'pay', arguments: { to: 'a1', sum: 10 } }]) : say('Paid.')

const deadKey: Handler = () => fail(401, 'Incorrect API key provided.')

async function createAgent(idempotent: boolean): Promise<{ id: string; url: string }> {
  const agent = await program.api('POST', '/api/agents', {
    name: 'Payer',
    instructions: 'Pay.',
    model: 'local/test',
    tools: [
      {
        type: 'http',
        name: 'pay',
        description: 'Pays.',
        method: 'POST',
        url: `${tools.url}/payments`,
        access: 'write',
        idempotent,
        parameters: { type: 'object', properties: { to: { type: 'string' }, sum: { type: 'integer' } } },
      },
    ],
  })
  expect(agent.status).toBe(201)
  const webhook = await program.api('GET', `/api/agent_webhook?id=${agent.body.id}`)
  return { id: agent.body.id, url: String(webhook.body.webhook_url).replace('localhost', '127.0.0.1') }
}

async function trigger(url: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"question":"Pay my bill."}',
  })
  return ((await response.json()) as { task_id: string }).task_id
}

function reach(id: string, state: string) {
  return waitFor(
    async () => {
      const { body } = await program.api('GET', `/api/tasks/${id}`)
      return body.state === state ? body : undefined
    },
    { deadlineMs: 60_000, everyMs: 50, what: `task ${id} in state ${state}` },
  )
}

async function replay(id: string, body: unknown = {}): Promise<string> {
  const reply = await program.api('POST', `/api/tasks/${id}/replay`, body)
  expect(reply.status).toBe(200)
  return reply.body.task_id
}

describe('kill -9 in the middle of a replay', () => {
  it('keeps its mode: writes are still answered from the record', async () => {
    const { url } = await createAgent(false)
    const old = await reach(await trigger(url), 'SUCCESS')
    expect(tools.requests).toHaveLength(1)
    model.handle(async (request, index) =>
      turnOf(request) === 1
        ? { ...(await pay(request, index)), delayMs: 60_000 }
        : callTools([{ name: 'pay', arguments: { to: 'a1', sum: 10 } }]),
    )
    const before = model.requests.length
    const id = await replay(old.id)
    await waitFor(() => model.requests.length === before + 2, { deadlineMs: 30_000 })
    await program.killAll()
    // Now the model pays a second time: the record has one payment, which this run has used.
    model.handle((request) =>
      turnOf(request) === 1
        ? callTools([{ name: 'pay', arguments: { to: 'a1', sum: 10 } }])
        : say('Tried to pay twice.'),
    )
    await program.start()
    const task = await reach(id, 'SUCCESS')
    expect(task).toMatchObject({ attempt: 2, replay: { writes: 'recorded' } })
    expect(task.result.tool_calls).toMatchObject([
      { result: expect.anything() },
      { error: expect.stringContaining('The call was not made') },
    ])
    expect(tools.requests).toHaveLength(1)
  }, 120_000)

  it.each([
    { idempotent: true, calls: 3, says: 'repeats a write in doubt with its old key' },
    { idempotent: false, calls: 1, says: 'reports a write in doubt as unknown' },
  ])(
    'that continues $says',
    async ({ idempotent, calls }) => {
      const { url } = await createAgent(idempotent)
      tools.handle(() => ({ delayMs: 60_000 }))
      const first = await trigger(url)
      await waitFor(() => tools.requests.length === 1, { deadlineMs: 30_000 })
      await program.api('POST', `/api/tasks/${first}/cancel`)
      await reach(first, 'CANCELLED')
      // The replay begins with the write in doubt, and is killed while it handles it.
      model.handle(() => ({ ...say('Done.'), delayMs: 60_000 }))
      const asked = model.requests.length
      const id = await replay(first)
      await waitFor(() => (idempotent ? tools.requests.length === 2 : model.requests.length > asked), {
        deadlineMs: 30_000,
      })
      await program.killAll()
      tools.handle(() => ({ body: { paid: true } }))
      model.handle(() => say('Done.'))
      await program.start()
      const task = await reach(id, 'SUCCESS')
      expect(task.replay.writes).toBe('continue')
      const [call] = task.result.tool_calls
      if (idempotent) expect(call).toMatchObject({ result: expect.anything() })
      else expect(call.error).toMatch(/Whether it took effect is unknown/)
      // Repeated by the replay, and by its second attempt, always as the same call.
      expect(tools.requests).toHaveLength(calls)
      expect(tools.perKey().size).toBe(1)
    },
    120_000,
  )

  it('of a whole night pays each bill once, and starts no task twice', async () => {
    const { id: agentId, url } = await createAgent(true)
    model.handle(deadKey)
    const ids = await Promise.all(Array.from({ length: 60 }, () => trigger(url)))
    for (const id of ids) await reach(id, 'FAILURE')
    model.handle(async (request, index) => ({ ...(await pay(request, index)), delayMs: 30 }))
    const send = async (): Promise<string[]> => {
      const response = await fetch(`${program.url}/api/tasks/replay`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': 'night',
          authorization: `Bearer ${program.adminKey}`,
        },
        body: JSON.stringify({ filter: { agent_id: agentId } }),
      })
      expect(response.status).toBe(200)
      return ((await response.json()) as { task_ids: string[] }).task_ids
    }
    // The response to the first request is lost with the program.
    const lost = send().catch((error: unknown) => error)
    await waitFor(() => tools.requests.length > 3, { deadlineMs: 30_000, everyMs: 5 })
    await program.killAll()
    await lost
    await program.start()
    const made = await send()
    expect(new Set(made).size).toBe(60)
    for (const id of made) await reach(id, 'SUCCESS')
    for (const id of ids) {
      expect((await program.api('GET', `/api/tasks/${id}`)).body.replays).toHaveLength(1)
    }
    expect(tools.perKey().size).toBe(60)
  }, 180_000)
})
