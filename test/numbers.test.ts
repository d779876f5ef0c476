import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseExact } from '../src/contract/exactJson.ts'
import { startTestApp, type TestApp } from './harness/api.ts'
import { callTools, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'

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

it('an id of 64 bits is the same in payload, template, model, tool, result, journal and API', async () => {
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
