import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../test/harness/agentRun.ts'
import { createMemoryJournal } from '../../test/harness/memoryJournal.ts'
import { callTools, say } from '../../test/harness/modelServer.ts'
import { parseExact } from '../contract/exactJson.ts'

let bench: AgentBench

beforeAll(async () => {
  bench = await startAgentBench()
})

beforeEach(() => {
  bench.model.reset()
  bench.tools.reset()
})

afterAll(() => bench.stop())

const ID = '1234567890123456789'
const PRICE = '0.12345678901234567891'
const parameters = { type: 'object', properties: { id: { type: 'integer' }, price: { type: 'number' } } }
const tools = () => [
  {
    type: 'http',
    name: 'get_order',
    description: 'Reads an order.',
    access: 'read',
    url: `${bench.tools.url}/orders/{{ id }}`,
    parameters,
  },
  {
    type: 'http',
    name: 'save_order',
    description: 'Saves an order.',
    access: 'write',
    method: 'POST',
    url: `${bench.tools.url}/save`,
    parameters,
  },
]

describe('long numbers keep their digits', () => {
  it('from the payload into templates', async () => {
    const payload = `{"id":${ID},"order":{"price":${PRICE}}}`
    await bench.run(
      { message: '{{ payload.id }} {{ payload.id | prepend: "no. " }} {{ payload.order }}' },
      { payload: parseExact(payload), payloadText: payload },
    )
    expect(bench.model.requests[0]?.body.messages.at(-1)?.content).toBe(`${ID} no. ${ID} {"price":${PRICE}}`)
  })

  it('from the model to tools, and back into its history', async () => {
    const args = `{"id":${ID},"price":${PRICE}}`
    bench.model.script(
      callTools([
        { id: 'a', name: 'get_order', arguments: args },
        { id: 'b', name: 'save_order', arguments: args },
      ]),
      say('Done.'),
    )
    const journal = createMemoryJournal()
    const { result } = await bench.run({ tools: tools() }, { journal })
    const [get, save] = bench.tools.requests.toSorted((a, b) => a.path.localeCompare(b.path))
    expect(get?.path).toBe(`/orders/${ID}`)
    expect(save?.body).toBe(args)
    expect(JSON.stringify(result.tool_calls.map((call) => call.arguments))).toBe(`[${args},${args}]`)
    expect(JSON.stringify(journal.writes.map(({ step }) => step.input))).toContain(`"arguments":${args}`)
    const history = bench.model.requests[1]?.body.messages.flatMap((one) => one.tool_calls ?? [])
    expect(history?.map((call) => call.function.arguments)).toEqual([args, args])
  })

  it('where a server sends arguments as an object', async () => {
    const call = `{"id":"a","type":"function","function":{"name":"get_order","arguments":{"id":${ID}}}}`
    const body = `{"choices":[{"index":0,"finish_reason":"tool_calls","message":{"tool_calls":[${call}]}}]}`
    const headers = { 'content-type': 'application/json' }
    bench.model.script({ kind: 'raw', status: 200, headers, body }, say('Done.'))
    await bench.run({ tools: tools() })
    expect(bench.tools.requests.map(({ path }) => path)).toEqual([`/orders/${ID}`])
  })

  it('from results of tools to the model and the result', async () => {
    bench.tools.handle(() => ({ body: parseExact(`{"orders":[{"id":${ID}}]}`) }))
    bench.model.script(callTools([{ name: 'get_order', arguments: { id: 1 } }]), say('Done.'))
    const { result } = await bench.run({ tools: tools() })
    const told = bench.model.requests[1]?.body.messages.at(-1)?.content
    expect(told).toContain(`"body":{"orders":[{"id":${ID}}]}`)
    expect(JSON.stringify(result.tool_calls[0]?.result)).toContain(`{"id":${ID}}`)
  })

  it('in an output', async () => {
    bench.model.script(say(`\`\`\`json\n{"id":${ID}}\n\`\`\``))
    const { result } = await bench.run({ output_schema: parameters })
    expect(JSON.stringify(result.output)).toBe(`{"id":${ID}}`)
  })
})

describe('halves of surrogate pairs', () => {
  it('reach a model as U+FFFD', async () => {
    await bench.run({}, { payload: { question: 'a\uD83Db \\ud83d \uDE00 \u{1F600}' } })
    expect(bench.model.requests[0]?.body.messages.at(-1)?.content).toBe('a\uFFFDb \\ud83d \uFFFD \u{1F600}')
  })
})
