import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { startMcpServer, type McpCall, type McpMode, type McpTestServer } from './harness/mcpServer.ts'
import { callTools, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let app: TestApp
const servers = new Map<McpMode, McpTestServer>()

const QUESTION = {
  message: 'Who is the parcel for?',
  requestedSchema: {
    type: 'object' as const,
    properties: { name: { type: 'string' as const, minLength: 2 } },
    required: ['name'],
  },
}

type ElicitAnswer = { action: string; content?: Record<string, unknown> | undefined } | undefined

const sent = (answer: ElicitAnswer): string =>
  answer?.action === 'accept' ? `sent to ${String(answer.content?.['name'])}` : `not sent: ${answer?.action}`

/** Asks as a 2025 server does. */
async function askWithin({ elicit }: McpCall): Promise<string> {
  return sent(await elicit?.(QUESTION))
}

/** Asks as a 2026 server does. */
function askFirst({ inputResponses, requestState }: McpCall) {
  const { who } = Object(inputResponses)
  if (who && requestState === 'parcel 7') return sent(who)
  return {
    resultType: 'input_required' as const,
    inputRequests: { who: { method: 'elicitation/create', params: { mode: 'form', ...QUESTION } } },
    requestState: 'parcel 7',
  }
}

beforeAll(async () => {
  model = await startModelServer()
  servers.set('stateful', await startMcpServer([{ name: 'send', call: askWithin }], 'stateful'))
  servers.set('modern', await startMcpServer([{ name: 'send', call: askFirst }], 'modern'))
  app = await startTestApp({
    LOCAL_MODEL_BASE_URL: model.url,
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
  })
})

beforeEach(() => {
  model.reset()
  model.handle(({ body }) =>
    body.messages.some(({ role }) => role === 'tool')
      ? say('All done.')
      : callTools([{ id: 's', name: 'post_send', arguments: {} }]),
  )
})

afterAll(async () => {
  await app?.stop()
  await Promise.all([model?.stop(), ...[...servers.values()].map((server) => server.stop())])
})

async function reach(taskId: string, state: string) {
  return waitFor(
    async () => {
      const { body } = await app.call('GET', `/api/tasks/${taskId}`)
      return body.state === state && body
    },
    { what: `the state ${state}` },
  )
}

/** A task that is waiting for the answer to its question. */
async function waiting(mode: McpMode, more: object = {}) {
  const url = servers.get(mode)?.url
  const agent = await app.createAgent({
    model: 'local/test',
    tools: [{ type: 'mcp', name: 'post', url }],
    ...more,
  })
  const { body } = await app.call('POST', agent.url, { question: 'Send the parcel.' })
  const task = await reach(body.task_id, 'WAITING')
  expect(task.approvals).toHaveLength(1)
  return { taskId: task.id, approval: task.approvals[0] }
}

describe.each<McpMode>(['stateful', 'modern'])('a question of an MCP server (%s)', (mode) => {
  it('waits for a person without using a worker, and the run continues with the answer on another one', async () => {
    const { taskId, approval } = await waiting(mode)
    expect(approval).toMatchObject({
      tool: 'post_send',
      question: QUESTION.message,
      parameters: QUESTION.requestedSchema,
      arguments: {},
      state: 'waiting',
    })
    await app.stopWorker()
    await waitFor(() => servers.get(mode)?.sessions() === 0)
    const path = `/api/approvals/${approval.id}/approve`
    const empty = await app.call('POST', path)
    expect(empty).toMatchObject({ status: 422, body: { code: 'schema_invalid' } })
    expect(empty.body.message).toMatch(/answer does not match the schema of the question/)
    expect((await app.call('POST', path, { arguments: { name: 'A' } })).status).toBe(422)
    const answered = await app.call('POST', path, { arguments: { name: 'Ada' } })
    expect(answered).toMatchObject({ status: 200, body: { edited_arguments: { name: 'Ada' } } })
    await app.startWorker()
    const task = await reach(taskId, 'SUCCESS')
    expect(task.result.tool_calls[0].result).toEqual({ text: 'sent to Ada' })
    expect(model.requests).toHaveLength(2)
  })

  it('is declined, and the model gets the reason', async () => {
    const { taskId, approval } = await waiting(mode)
    await app.call('POST', `/api/approvals/${approval.id}/deny`, { reason: 'Nobody.' })
    const task = await reach(taskId, 'SUCCESS')
    expect(task.result.tool_calls[0].result).toEqual({
      text: 'not sent: decline',
      note: "A person declined to answer the server's question. The reason: Nobody.",
    })
  })

  it('is cancelled when nobody answers in time', async () => {
    const { taskId } = await waiting(mode, { approvals: { timeout_seconds: 1 } })
    const task = await reach(taskId, 'SUCCESS')
    expect(task.approvals[0].state).toBe('expired')
    expect(task.result.tool_calls[0].result).toMatchObject({ text: 'not sent: cancel' })
  })

  it('ends when its task is cancelled', async () => {
    const { taskId, approval } = await waiting(mode)
    await app.call('POST', `/api/tasks/${taskId}/cancel`)
    const late = await app.call('POST', `/api/approvals/${approval.id}/approve`, {
      arguments: { name: 'Ada' },
    })
    expect(late).toMatchObject({ status: 409, body: { code: 'already_decided' } })
  })
})
