import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../../test/harness/agentRun.ts'
import { createMemoryJournal } from '../../../test/harness/memoryJournal.ts'
import { callTools, say } from '../../../test/harness/modelServer.ts'
import { createModels } from '../../models/models.ts'
import { createCurrentTime } from '../../tools/builtin/currentTime.ts'
import { createAgentRunner } from '../run.ts'

let bench: AgentBench

beforeAll(async () => {
  bench = await startAgentBench()
})

beforeEach(() => bench.model.reset())

afterAll(() => bench.stop())

const output_schema = {
  type: 'object',
  properties: { mood: { enum: ['good', 'bad'] } },
  required: ['mood'],
  additionalProperties: false,
}
const tools = [{ type: 'builtin', name: 'current_time' }]

function request(index: number) {
  const recorded = bench.model.requests.at(index)
  if (!recorded) throw new Error(`the model was not called ${index + 1} times`)
  return recorded.body
}

describe('an output schema', () => {
  it('reaches the model and gives an output', async () => {
    bench.model.script(say('{"mood":"good"}'))
    const { result } = await bench.run({ output_schema })
    expect(result.output).toEqual({ mood: 'good' })
    expect(result.answer).toBe('{"mood":"good"}')
    expect(request(0).response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { schema: output_schema },
    })
  })

  it('works beside tools, in the prompt, and with an answer in a fence', async () => {
    bench.model.script(
      callTools([{ name: 'current_time', arguments: {} }]),
      say('```json\n{"mood":"bad"}\n```'),
    )
    const { result } = await bench.run({ output_schema, tools })
    expect(result.output).toEqual({ mood: 'bad' })
    for (const index of [0, 1]) {
      expect(request(index).response_format).toBeUndefined()
      expect(request(index).messages[0]?.content).toBe(
        'Be brief.\n\nWhen you give your answer, write only JSON that matches this JSON Schema, with nothing around ' +
          `it:\n${JSON.stringify(output_schema)}`,
      )
    }
  })

  it('stands beside tools where the server is said to take both', async () => {
    const models = createModels({
      local: { baseUrl: bench.model.url, schemaWithTools: 'response_format' },
    })
    const run = createAgentRunner({ models, buildTools: () => [createCurrentTime(() => new Date())] })
    bench.model.script(say('{"mood":"good"}'))
    await run(bench.input({ output_schema, tools }))
    expect(request(0)).toMatchObject({
      response_format: { json_schema: { schema: output_schema } },
      messages: [{ content: 'Be brief.' }, {}],
    })
    await models.close()
  })

  it.each([
    [output_schema, true],
    [{ ...output_schema, required: [] }, false],
  ])('is strict only where it may be: %o %o', async (schema, strict) => {
    bench.model.script(say('{"mood":"good"}'))
    await bench.run({ output_schema: schema })
    expect(request(0).response_format).toMatchObject({ json_schema: { schema, strict } })
  })

  it('and the parameters of tools reach the model complete', async () => {
    bench.model.script(say('{"mood":"good"}'), say('{}'))
    const bare = {
      type: 'http',
      name: 'list',
      description: 'Lists.',
      access: 'read',
      url: 'http://127.0.0.1/',
    }
    await bench.run({ tools: [{ ...bare, parameters: { type: 'object' } }] })
    expect(request(0).tools?.[0]?.function.parameters).toEqual({ type: 'object', properties: {} })
    await bench.run({ output_schema: { type: 'object' } })
    expect(request(1).response_format).toMatchObject({
      json_schema: { schema: { type: 'object', properties: {} } },
    })
  })
})

describe('an answer that does not fit', () => {
  const unfit: [what: string, text: string, complaint: string][] = [
    ['prose', 'I am fine.', 'did not answer with JSON'],
    ['nothing', '', 'returned an empty answer'],
    ['two values', 'Either {"mood":"good"} or {"mood":"bad"}.', 'did not answer with JSON'],
    ['another value', '{"mood":"so so"}', '/mood must be equal to one of the allowed values: ["good","bad"]'],
  ]

  it.each(unfit)('is sent back once: %s', async (_, text, complaint) => {
    bench.model.script(say(text), say('{"mood":"good"}'))
    const journal = createMemoryJournal()
    const { result, usage } = await bench.run({ output_schema }, { journal })
    expect(result).toMatchObject({ answer: '{"mood":"good"}', output: { mood: 'good' } })
    expect(usage.model_calls).toBe(2)

    const { messages, response_format: format } = request(1)
    const last = messages.at(-1)
    expect(last?.role).toBe('user')
    expect(last?.content).toContain(complaint)
    expect(messages.filter(({ role }) => role === 'assistant').map(({ content }) => content)).toEqual(
      text === '' ? [] : [text],
    )
    expect(format).toMatchObject({ json_schema: { schema: output_schema } })
    expect(journal.rows().map(({ key, state }) => [key, state])).toEqual([
      ['model/0', 'done'],
      ['model/1', 'done'],
    ])
    expect(journal.row('model/1')?.input).toMatchObject({ user: last?.content })
  })

  it.each(unfit)('ends the run when the second does not fit either: %s', async (_, text, complaint) => {
    bench.model.script(say('{}'), say(text), say('{"mood":"good"}'))
    const failure = await bench.failure({ output_schema })
    expect(failure).toMatchObject({ code: 'output_invalid', retryable: false })
    expect(failure.message).toContain(complaint)
    expect(failure.usage?.model_calls).toBe(2)
    expect(bench.model.requests).toHaveLength(2)
  })

  it('is mended after tools, with the tools on show but not to be called', async () => {
    bench.model.script(
      callTools([{ name: 'current_time', arguments: {} }]),
      say('Good!'),
      callTools([{ name: 'current_time', arguments: {} }], { text: '{"mood":"good"}' }),
    )
    const journal = createMemoryJournal()
    // A model that calls a tool nevertheless is taken at its word, and the tool is not called.
    const { result } = await bench.run({ output_schema, tools }, { journal })
    expect(result.output).toEqual({ mood: 'good' })
    expect(result.tool_calls).toHaveLength(1)
    expect(request(2)).toMatchObject({ tool_choice: 'none', tools: [{ function: { name: 'current_time' } }] })
    expect(journal.rows().filter(({ kind }) => kind === 'tool')).toHaveLength(1)
  })

  it('is mended once although the run dies in between', async () => {
    bench.model.script(say('Good!'), say('{"mood":"good"}'))
    const store = new Map<string, string>()
    const died = new Error('died')
    const dying = createMemoryJournal({
      store,
      after: ({ step }) => {
        if (step.key === 'model/1') throw died
      },
    })
    await expect(bench.run({ output_schema }, { journal: dying })).rejects.toBe(died)
    const { result, usage } = await bench.run({ output_schema }, { journal: createMemoryJournal({ store }) })
    expect(result.output).toEqual({ mood: 'good' })
    expect(usage.model_calls).toBe(2)
    expect(bench.model.requests).toHaveLength(2)
  })

  it('is not sent back when no step is left', async () => {
    bench.model.script(say('Good!'), say('{"mood":"good"}'))
    const failure = await bench.failure({ output_schema, limits: { max_steps: 1 } })
    expect(failure.code).toBe('output_invalid')
    expect(failure.message).toContain('No step was left')
    expect(bench.model.requests).toHaveLength(1)
  })
})

describe('an answer that JSON could not give back', () => {
  it.each([
    ['nests too deep', `${'['.repeat(6_000)}${']'.repeat(6_000)}`, 'levels deep'],
    ['holds a number without an end', '1e400', 'too large'],
  ])('%s', async (_name, text, complaint) => {
    bench.model.script(say(text), say(text))
    const failure = await bench.failure({ output_schema: {} })
    expect(failure).toMatchObject({ code: 'output_invalid', message: expect.stringContaining(complaint) })
  })
})
