import { afterEach, beforeEach, expect, it } from 'vitest'
import { callTools, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startProgram, type Program } from './harness/program.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let tools: ToolServer
let program: Program | undefined

beforeEach(async () => {
  model = await startModelServer(({ body }) =>
    body.messages.some(({ role }) => role === 'tool')
      ? say('All done.')
      : callTools([
          { name: 'pay', arguments: { sum: 1 } },
          { name: 'pay', arguments: { sum: 2 } },
        ]),
  )
  tools = await startToolServer()
})

afterEach(async () => {
  await program?.remove()
  program = undefined
  await Promise.all([model.stop(), tools.stop()])
})

/** Starts the program, and a task that waits for two decisions. */
async function startWaiting(): Promise<{ program: Program; taskId: string; ids: string[] }> {
  const started = (program = await startProgram({
    env: { LOCAL_MODEL_BASE_URL: model.url, BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8' },
  }))
  const agent = await started.api('POST', '/api/agents', {
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
        parameters: { type: 'object', properties: { sum: { type: 'integer' } } },
        access: 'write',
      },
    ],
    approvals: { write_calls: 'always' },
  })
  expect(agent.status).toBe(201)
  const webhook = await started.api('GET', `/api/agent_webhook?id=${agent.body.id}`)
  const trigger = await fetch(String(webhook.body.webhook_url).replace('localhost', '127.0.0.1'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"question":"Pay."}',
  })
  const { task_id: taskId }: { task_id: string } = JSON.parse(await trigger.text())
  const task = await reach(started, taskId, 'WAITING')
  const ids: string[] = task.approvals.map(({ id }: { id: string }) => id)
  expect(ids).toHaveLength(2)
  return { program: started, taskId, ids }
}

function reach(running: Program, taskId: string, state: string) {
  return waitFor(
    async () => {
      const { body } = await running.api('GET', `/api/tasks/${taskId}`)
      return body.state === state && body
    },
    { deadlineMs: 30_000, everyMs: 50, what: `the state ${state}` },
  )
}

async function approve(running: Program, id: string): Promise<void> {
  expect((await running.api('POST', `/api/approvals/${id}/approve`)).status).toBe(200)
}

async function expectAllDone(running: Program, taskId: string): Promise<void> {
  const task = await reach(running, taskId, 'SUCCESS')
  expect(task.result.answer).toBe('All done.')
  expect(tools.requests.map(({ body }) => body).toSorted()).toEqual(['{"sum":1}', '{"sum":2}'])
  expect(model.requests).toHaveLength(2)
}

it('a waiting task survives a restart, and continues when it is decided afterwards', async () => {
  const { program: running, taskId, ids } = await startWaiting()
  const [first = '', second = ''] = ids
  await approve(running, first)
  expect(await running.stop()).toBe(0)
  await running.start()
  expect((await running.api('GET', `/api/tasks/${taskId}`)).body.state).toBe('WAITING')
  const { body } = await running.api('GET', '/api/approvals?state=waiting')
  expect(body.data.map(({ id }: { id: string }) => id)).toEqual([second])
  await approve(running, second)
  await expectAllDone(running, taskId)
}, 60_000)

it('a decision survives kill -9 of everything before any worker has seen it', async () => {
  const { program: running, taskId, ids } = await startWaiting()
  process.kill(await running.workerPid(), 'SIGSTOP')
  for (const id of ids) await approve(running, id)
  await running.killAll()
  expect(tools.requests).toHaveLength(0)
  await running.start()
  await expectAllDone(running, taskId)
}, 60_000)
