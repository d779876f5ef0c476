import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { compileJsonSchema } from '../tools/schemas/jsonSchema.ts'
import { createDemoModel } from './demo.ts'

const model = createDemoModel()

function ask(text: string, schema?: object): LanguageModelV4CallOptions {
  return {
    prompt: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text }] },
    ],
    ...(schema ? { responseFormat: { type: 'json', schema } } : {}),
  }
}

async function answerTo(text: string, schema?: object): Promise<string> {
  const { content } = await model.doGenerate(ask(text, schema))
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

describe('the demo model', () => {
  it('says what it is and what it received', async () => {
    const text = await answerTo('What is the weather?')
    expect(text).toContain('its answers are canned')
    expect(text).toContain('What is the weather?')
  })

  it('shows a short part of a long message', async () => {
    expect((await answerTo('word '.repeat(100_000))).length).toBeLessThan(500)
  })

  it('counts words', async () => {
    const { usage, finishReason } = await model.doGenerate(ask('  four words  are\nhere '))
    expect(usage.inputTokens.total).toBe(4)
    expect(usage.outputTokens.total).toBeGreaterThan(10)
    expect(finishReason.unified).toBe('stop')
  })

  it('streams the same, word by word', async () => {
    const { stream } = await model.doStream(ask('Hello'))
    const deltas: string[] = []
    for await (const part of stream) if (part.type === 'text-delta') deltas.push(part.delta)
    expect(deltas.length).toBeGreaterThan(10)
    expect(deltas.join('')).toBe(await answerTo('Hello'))
  })
})

describe('the built-in clock', () => {
  const clock = { type: 'function' as const, name: 'current_time', inputSchema: { type: 'object' as const } }

  it('is asked for once, plain and streamed, when the agent has it', async () => {
    const options = { ...ask('Hello'), tools: [clock] }
    const { content, finishReason } = await model.doGenerate(options)
    expect(content).toEqual([
      expect.objectContaining({ type: 'tool-call', toolName: 'current_time', input: '{}' }),
    ])
    expect(finishReason.unified).toBe('tool-calls')
    const { stream } = await model.doStream(options)
    const types: string[] = []
    for await (const part of stream) types.push(part.type)
    expect(types).toEqual(['stream-start', 'tool-call', 'finish'])

    options.prompt.push({
      role: 'tool',
      content: [
        {
          type: 'tool-result',
          toolCallId: 'demo-clock',
          toolName: 'current_time',
          output: { type: 'text', value: 'noon' },
        },
      ],
    })
    expect((await model.doGenerate(options)).finishReason.unified).toBe('stop')
  })
})

describe('an output schema', () => {
  it.each([
    [
      {
        type: 'object',
        properties: { a: { type: 'string' }, n: { type: 'integer', minimum: 3 } },
        required: ['a', 'n'],
      },
    ],
    [{ type: 'array', minItems: 2, items: { enum: ['x', 'y'] } }],
    [{ type: 'object', properties: { when: { type: 'string', format: 'date-time' } }, required: ['when'] }],
    [{ type: 'string', minLength: 400, maxLength: 500 }],
    [{ type: 'number', exclusiveMinimum: 0, maximum: 0.5 }],
    [{ type: ['null', 'boolean'] }],
    [{ const: 7 }],
    [{ anyOf: [{ type: 'null' }, { type: 'string' }] }],
    [
      {
        properties: { deep: { $ref: '#/$defs/deep' } },
        $defs: { deep: { type: 'object', properties: { b: { type: 'boolean' } }, required: ['b'] } },
        required: ['deep'],
      },
    ],
    [
      {
        $defs: {
          node: {
            type: 'object',
            properties: { name: { type: 'string' }, next: { $ref: '#/$defs/node' } },
            required: ['name'],
          },
        },
        $ref: '#/$defs/node',
      },
    ],
  ])('%o gets a value that fits', async (schema) => {
    const value: unknown = JSON.parse(await answerTo('Hello', schema))
    expect(await compileJsonSchema(schema)(value)).toBeUndefined()
  })
})
