import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../test/harness/agentRun.ts'
import { createMemoryJournal } from '../../test/harness/memoryJournal.ts'
import { callTools, fail, say } from '../../test/harness/modelServer.ts'
import { startTraceCollector, type TraceCollector } from '../../test/harness/traceCollector.ts'
import { openTracer } from '../telemetry/openTracer.ts'
import type { Tracer } from '../telemetry/tracing.ts'

let collector: TraceCollector

beforeAll(async () => {
  collector = await startTraceCollector()
})

beforeEach(() => collector.reset())

afterAll(() => collector.stop())

const tools = [{ type: 'builtin', name: 'current_time' }]
const zone = { time_zone: 'Europe/Secretville' }

/** Runs with a tracer of its own, and gives what arrived when it has stopped. */
async function traced(
  work: (bench: AgentBench, tracer: Tracer) => Promise<unknown>,
  withContents = false,
): Promise<void> {
  const tracer = await openTracer({
    endpoint: collector.url,
    headers: { authorization: 'Bearer collector-key' },
    serviceName: 'bells',
    serviceVersion: '1.2.3',
    withContents,
  })
  const bench = await startAgentBench({ tracer })
  try {
    await work(bench, tracer)
  } finally {
    await bench.stop()
    await tracer.stop()
    await tracer.stop()
  }
}

function span(name: string) {
  const found = collector.spans.filter((one) => one.name === name)
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} spans are called ${name}`)
  return found[0]
}

describe('the spans of a run', () => {
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

  it('say what was called, below the trace of the request', async () => {
    await traced(async (bench) => {
      bench.model.script(
        callTools([{ id: 'call_1', name: 'current_time', arguments: zone }], {
          usage: { input: 30, output: 12, cached: 8, reasoning: 4 },
        }),
        say('Late, in Secretville.'),
      )
      await bench.run({ tools }, { trace: { attempt: 2, parent }, price: { input: 1, output: 1 } })
    })
    const agent = span('invoke_agent Helper')
    expect(agent).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      status: 0,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'Helper',
        'gen_ai.provider.name': 'local',
        'gen_ai.request.model': 'test-model',
        'gen_ai.usage.input_tokens': 40,
        'gen_ai.usage.output_tokens': 17,
        'bellwire.task.attempt': 2,
        'bellwire.usage.cost_usd': '0.000057',
      },
    })
    const chats = collector.spans.filter(({ name }) => name === 'chat test-model')
    expect(chats).toHaveLength(2)
    expect(chats[0]).toMatchObject({
      traceId: agent.traceId,
      parentSpanId: agent.spanId,
      kind: 3,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': 30,
        'gen_ai.usage.cache_read.input_tokens': 8,
        'gen_ai.response.finish_reasons': ['tool-calls'],
        'bellwire.step': 0,
      },
    })
    expect(span('execute_tool current_time')).toMatchObject({
      parentSpanId: agent.spanId,
      status: 2,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'current_time',
        'gen_ai.tool.call.id': 'call_1',
        'error.type': 'failed',
      },
    })
    expect(collector.requests[0]).toMatchObject({
      path: '/v1/traces',
      headers: { authorization: 'Bearer collector-key' },
      resource: { 'service.name': 'bells', 'service.version': '1.2.3' },
    })
  })

  it('hold nothing of what was said, unless asked for', async () => {
    const work = async (bench: AgentBench): Promise<void> => {
      bench.model.script(callTools([{ name: 'current_time', arguments: zone }]), say('Late, in Secretville.'))
      await bench.run({ tools }, { payload: { question: 'How late is it in Secretville?' } })
    }
    await traced(work)
    expect(collector.spans).toHaveLength(4)
    expect(collector.text()).not.toMatch(/Secretville|Be brief/)

    collector.reset()
    await traced(work, true)
    const chats = collector.spans.filter(({ name }) => name === 'chat test-model')
    const [first, second] = chats.map(({ attributes }) => attributes)
    expect(JSON.parse(String(first?.['gen_ai.system_instructions']))).toEqual([
      { type: 'text', content: 'Be brief.' },
    ])
    expect(JSON.parse(String(first?.['gen_ai.input.messages']))).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'How late is it in Secretville?' }] },
    ])
    expect(JSON.parse(String(second?.['gen_ai.output.messages']))).toEqual([
      {
        role: 'assistant',
        parts: [{ type: 'text', content: 'Late, in Secretville.' }],
        finish_reason: 'stop',
      },
    ])
    expect(span('execute_tool current_time').attributes['gen_ai.tool.call.arguments']).toBe(
      JSON.stringify(zone),
    )
  })

  it('are not sent again for what the journal answers', async () => {
    await traced(async (bench) => {
      bench.model.script(callTools([{ name: 'current_time', arguments: {} }]), fail(503), say('Late.'))
      const store = new Map<string, string>()
      await bench.failure({ tools }, { journal: createMemoryJournal({ store }) })
      await bench.run({ tools }, { journal: createMemoryJournal({ store }) })
    })
    const names = collector.spans.map(({ name }) => name.split(' ')[0] ?? '').toSorted()
    expect(names).toEqual(['chat', 'chat', 'chat', 'execute_tool', 'invoke_agent', 'invoke_agent'])
    const failed = collector.spans.filter(({ status }) => status === 2)
    expect(failed.map(({ attributes }) => attributes['error.type'])).toEqual([
      'provider_unavailable',
      'provider_unavailable',
    ])
  })

  it('follow the sender who does not sample', async () => {
    await traced((bench) => bench.run({}, { trace: { attempt: 1, parent: parent.replace(/1$/, '0') } }))
    expect(collector.spans).toEqual([])
  })

  it('are lost without harm when nobody takes them', async () => {
    const gone = await startTraceCollector()
    await gone.stop()
    const tracer = await openTracer({
      endpoint: gone.url,
      headers: {},
      serviceName: 'bells',
      serviceVersion: '1',
      withContents: false,
    })
    const bench = await startAgentBench({ tracer })
    bench.model.script(say('Fine.'))
    expect((await bench.run()).result.answer).toBe('Fine.')
    await bench.stop()
    await tracer.stop()
  })
})

it('without a collector there is no tracer', async () => {
  const tracer = await openTracer({
    endpoint: undefined,
    headers: {},
    serviceName: 'bells',
    serviceVersion: '1',
    withContents: true,
  })
  expect(tracer.isOff).toBe(true)
  expect(tracer.start('work', { kind: 'internal' }).traceParent).toBeUndefined()
})
