import { afterEach, beforeEach, expect, it } from 'vitest'
import { toolTexts, urlsGiven, waitForCallbacks } from './harness/callbackModel.ts'
import { startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startProgram, type Program } from './harness/program.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let program: Program

beforeEach(async () => {
  model = await startModelServer(waitForCallbacks())
  program = await startProgram({ env: { LOCAL_MODEL_BASE_URL: model.url } })
})

afterEach(async () => {
  await program?.remove()
  await model?.stop()
})

async function start(): Promise<string> {
  const agent = await program.api('POST', '/api/agents', {
    name: 'Builder',
    instructions: 'Build.',
    model: 'local/test',
    tools: [{ type: 'builtin', name: 'wait_for_callback' }],
  })
  expect(agent.status).toBe(201)
  const webhook = await program.api('GET', `/api/agent_webhook?id=${agent.body.id}`)
  const response = await fetch(new URL(new URL(webhook.body.webhook_url).pathname, program.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"question":"Build."}',
  })
  const { task_id: taskId }: { task_id: string } = JSON.parse(await response.text())
  return taskId
}

function reach(taskId: string, state: string) {
  return waitFor(
    async () => {
      const { body } = await program.api('GET', `/api/tasks/${taskId}`)
      return body.state === state && body
    },
    { deadlineMs: 60_000, everyMs: 50, what: `the state ${state}` },
  )
}

/** The URL that the model received. */
function callbackUrl(): string {
  const [given] = model.requests.flatMap((request) => urlsGiven(request))
  if (!given) throw new Error('the model was given no URL')
  return new URL(new URL(given.url).pathname, program.url).href
}

function call(url: string, value: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  })
}

async function expectOnce(taskId: string, body: unknown): Promise<void> {
  const task = await reach(taskId, 'SUCCESS')
  const calls = task.result.tool_calls.map(
    ({ name, result }: { name: string; result: { body?: unknown } }) => [name, result.body],
  )
  expect(calls).toEqual([
    ['create_callback_url', undefined],
    ['wait_for_callback', body],
  ])
}

it('a wait survives a restart, and continues when its URL is called afterwards', async () => {
  const taskId = await start()
  await reach(taskId, 'WAITING')
  expect(await program.stop()).toBe(0)
  await program.start()
  expect((await program.api('GET', `/api/tasks/${taskId}`)).body.waiting_for).toHaveLength(1)
  expect((await call(callbackUrl(), 'after')).status).toBe(200)
  await expectOnce(taskId, 'after')
  expect(model.requests).toHaveLength(3)
}, 60_000)

it('an acknowledged call survives kill -9 of everything before any worker has seen it', async () => {
  const taskId = await start()
  await reach(taskId, 'WAITING')
  process.kill(await program.workerPid(), 'SIGSTOP')
  expect((await call(callbackUrl(), 'kept')).status).toBe(200)
  await program.killAll()
  await program.start()
  // Its sender does not know whether it was received, and repeats it.
  const again = await call(callbackUrl(), 'kept')
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
  await expectOnce(taskId, 'kept')
}, 60_000)

it('kills of everything around a call lose no call, and count none twice', async () => {
  const isHeard = (): boolean => model.requests.some(({ body }) => toolTexts(body).length > 1)
  const moments: Record<string, (send: () => Promise<void>) => Promise<void>> = {
    'before the call': async (send) => {
      await program.killAll()
      await Promise.all([program.start(), send()])
    },
    'with the call': async (send) => {
      await Promise.all([program.killAll().then(() => program.start()), send()])
    },
    'after the acknowledgement': async (send) => {
      await send()
      await program.killAll()
      await program.start()
    },
    'while the model reads what came': async (send) => {
      await send()
      await waitFor(isHeard)
      await program.killAll()
      await program.start()
    },
  }
  for (const [moment, kill] of Object.entries(moments)) {
    for (const isWaiting of [true, false]) {
      model.reset()
      const taskId = await start()
      if (isWaiting) await reach(taskId, 'WAITING')
      else await waitFor(() => model.requests.some((request) => urlsGiven(request).length > 0))
      const url = callbackUrl()
      const value = { moment, isWaiting }
      await kill(() => callUntilAcknowledged(url, value))
      expect((await call(url, 'another')).status).toBe(409)
      await expectOnce(taskId, value)
    }
  }
}, 300_000)

/** Repeats the call until it is acknowledged, as a sender does. */
async function callUntilAcknowledged(url: string, value: unknown): Promise<void> {
  await waitFor(
    async () => {
      const { status } = await call(url, value)
      if (status !== 200) expect(status).toBe(503)
      return status === 200
    },
    { deadlineMs: 60_000, everyMs: 50, what: 'the acknowledgement' },
  )
}
