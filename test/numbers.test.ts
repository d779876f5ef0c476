import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseExact } from '../src/contract/exactJson.ts'
import { startTestApp, type TestApp } from './harness/api.ts'
import { callTools, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let tools: ToolServer
let app: TestApp

beforeAll(async () => {
  model = await startModelServer()
  tools = await startToolServer()
  app = await startTestApp({
    LOCAL_MODEL_BASE_URL: model.url,
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
  })
})

afterAll(async () => {
  await app?.stop()
  await Promise.all([model?.stop(), tools?.stop()])
})

const ID = '1234567890123456789'

async function textOf(path: string, init: { method?: string; body?: string } = {}): Promise<string> {
  const response = await fetch(new URL(path, app.url), {
    ...init,
    headers: {
      authorization: `Bearer ${app.adminKey}`,
      'content-type': 'application/json',
      prefer: 'wait=30',
    },
  })
  expect(response.status).toBe(200)
  return response.text()
}

it('a 64-bit id is the same in payload, template, model, tool, result, journal and API', async () => {
  tools.handle(() => ({ body: parseExact(`{"id":${ID}}`) }))
  model.script(
    callTools([{ name: 'get_order', arguments: `{"id":${ID}}` }]),
    callTools([{ name: 'get_order', arguments: `{"id":${ID}}` }]),
    say(`{"id":${ID}}`),
  )
  const agent = await app.createAgent({
    model: 'local/test',
    message: 'Order {{ payload.id }}',
    output_schema: { type: 'object', properties: { id: { type: 'integer' } } },
    tools: [
      {
        type: 'http',
        name: 'get_order',
        description: 'Reads an order.',
        access: 'read',
        url: `${tools.url}/orders/{{ id }}`,
        parameters: { type: 'object', properties: { id: { type: 'integer' } } },
      },
    ],
  })
  const triggered = await textOf(agent.url, {
    method: 'POST',
    body: `{"id":${ID}}`,
  })
  const { task_id: taskId, status } = JSON.parse(triggered)
  expect(status).toBe('SUCCESS')
  expect(model.requests[0]?.body.messages.at(-1)?.content).toBe(`Order ${ID}`)
  expect(tools.requests.map(({ path }) => path)).toEqual([`/orders/${ID}`, `/orders/${ID}`])

  const task = await textOf(`/api/tasks/${taskId}`)
  for (const text of [triggered, await textOf(`/api/task_status?task_id=${taskId}`)]) {
    expect(text).toContain(`"arguments":{"id":${ID}}`)
    expect(text).toContain(`"body":{"id":${ID}}`)
    expect(text).toContain(`"output":{"id":${ID}}`)
  }
  expect(task).toContain(`"payload":{"id":${ID}}`)
  expect(task).toContain(`"arguments":{"id":${ID}}`)
  expect(task).toContain(
    `"output":{"result":{"status":200,"content_type":"application/json","body":{"id":${ID}}}}`,
  )
  expect(task).not.toContain('1234567890123456800')
})

it('arguments of an approval keep their digits: in display, when edited, and in the call', async () => {
  tools.reset()
  const parameters = {
    type: 'object',
    properties: { id: { type: 'integer', maximum: 9e18 }, sum: { type: 'number' } },
    additionalProperties: false,
  }
  const pay = {
    type: 'http',
    name: 'pay',
    description: 'Pays.',
    access: 'write',
    approval: 'always',
    method: 'POST',
    url: `${tools.url}/pay`,
    parameters,
  }
  const asked = `{"id":${ID},"sum":0.1234567890123456789}`
  const edited = '{"sum":99999999999999999.25,"id":1234567890123456781}'
  const agent = await app.createAgent({ model: 'local/test', tools: [pay] })

  async function waiting(reply: string): Promise<{ id: string; taskId: string }> {
    model.script(callTools([{ name: 'pay', arguments: reply }]), say('Done.'))
    const { body } = await app.call('POST', agent.url, { question: 'Pay' })
    const taskId: string = body.task_id
    const { id } = await waitFor(async () => {
      const list = await app.call('GET', '/api/approvals?state=waiting')
      return list.body.data.find(({ task_id: of }: { task_id: string }) => of === taskId)
    })
    return { id, taskId }
  }

  const first = await waiting(asked)
  expect(await textOf(`/api/approvals/${first.id}`)).toContain(`"arguments":${asked}`)
  const refused = await app.call('POST', `/api/approvals/${first.id}/approve`, '{"arguments":{"id":1e300}}')
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/arguments/id' }] } })
  const body = `{"arguments":${edited}}`
  const approved = await textOf(`/api/approvals/${first.id}/approve`, { method: 'POST', body })
  expect(approved).toContain(`"edited_arguments":${edited}`)
  await textOf(`/api/task_status?task_id=${first.taskId}&wait=30`)
  expect(tools.requests.map((request) => request.body)).toEqual([edited])
  expect(await textOf(`/api/tasks/${first.taskId}`)).toContain(`"edited_arguments":${edited}`)
  expect(String(model.requests.at(-1)?.body.messages.at(-1)?.content)).toContain(edited)

  // Sent back unchanged they are not an edit; with another last digit they are.
  const same = await waiting(asked)
  const back = '{"arguments":{"sum":0.1234567890123456789,"id":1234567890123456789}}'
  expect(await textOf(`/api/approvals/${same.id}/approve`, { method: 'POST', body: back })).toContain(
    '"edited_arguments":null',
  )
  await textOf(`/api/task_status?task_id=${same.taskId}&wait=30`)
  const other = await waiting(asked)
  const digit = '{"arguments":{"sum":0.1234567890123456789,"id":1234567890123456788}}'
  expect(await textOf(`/api/approvals/${other.id}/approve`, { method: 'POST', body: digit })).toContain(
    '"id":1234567890123456788',
  )
})
