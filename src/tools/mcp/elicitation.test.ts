import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  startMcpServer,
  type McpCall,
  type McpMode,
  type McpTestServer,
  type McpTestTool,
} from '../../../test/harness/mcpServer.ts'
import { McpTool } from '../../contract/mcpTool.ts'
import { createGuardedFetch } from '../guardedFetch.ts'
import { QuestionAsked, type Answer, type AnsweredRound, type QuestionRound } from '../question.ts'
import type { RunTool } from '../tool.ts'
import { createMcpConnector, type McpConnector } from './connector.ts'
import { readQuestions } from './elicitation.ts'
import { importMcp } from './importMcp.ts'
import { createMcpTools } from './mcpTools.ts'

const SCRIPT = fileURLToPath(new URL('../../../test/harness/stdioMcpServer.ts', import.meta.url))
const TOKEN = 'tok-0123456789'

let server: McpTestServer | undefined
let connector: McpConnector
let fetch: ReturnType<typeof createGuardedFetch>

beforeEach(() => {
  fetch = createGuardedFetch({ allowPrivateNetworks: ['127.0.0.0/8'] })
  connector = createMcpConnector({
    fetch,
    secrets: () => Promise.resolve(TOKEN),
    commands: [`${process.execPath} ${SCRIPT}`],
    environment: {},
    version: '0.0.0',
  })
})

afterEach(async () => {
  await connector.close()
  await fetch.close()
  await server?.stop()
  server = undefined
})

async function toolsOf(written: McpTool): Promise<Map<string, RunTool>> {
  const imported = { ...written, imported: await importMcp(written, connector, new Date()) }
  return new Map(createMcpTools(imported, connector).map((tool) => [tool.name, tool]))
}

async function start(tools: McpTestTool[], mode: McpMode) {
  server = await startMcpServer(tools, mode)
  return toolsOf(
    McpTool.parse({
      type: 'mcp',
      name: 'shop',
      url: server.url,
      headers: { 'x-token': '{{ secrets.TOKEN }}' },
    }),
  )
}

/** Each call in a run of its own, as after a wait. */
async function call(
  tools: Map<string, RunTool>,
  name = 'shop_order',
  answered: AnsweredRound[] = [],
): Promise<unknown> {
  await using scope = new AsyncDisposableStack()
  const { signal } = new AbortController()
  return await tools.get(name)?.call({}, { scope, signal, idempotencyKey: 'k', answered })
}

async function asked(tools: Map<string, RunTool>, answered: AnsweredRound[] = []): Promise<QuestionRound> {
  const outcome = await call(tools, 'shop_order', answered).catch((error: unknown) => error)
  if (outcome instanceof QuestionAsked) return outcome.round
  throw new Error('nothing was asked', { cause: outcome })
}

const accept = (content: Record<string, unknown>): Answer => ({ action: 'accept', content })

const SIZE = {
  message: 'Which size?',
  requestedSchema: {
    type: 'object' as const,
    properties: { size: { type: 'string' as const, enum: ['S', 'L'] } },
    required: ['size'],
  },
}
const COUNT = {
  message: 'How many?',
  requestedSchema: { type: 'object' as const, properties: { count: { type: 'integer' as const } } },
}

/** A tool that asks for the size and then for the number, as a server of each revision does it. */
function order(mode: McpMode | 'apart'): McpTestTool {
  if (mode === 'modern') return { name: 'order', call: orderInRounds }
  return {
    name: 'order',
    async call({ elicit }) {
      const options = { apart: mode === 'apart' }
      const size = await elicit?.(SIZE, options)
      if (size?.action !== 'accept') return `no order: ${size?.action}`
      const count = await elicit?.(COUNT, options)
      return `ordered ${String(count?.content?.['count'])} of ${String(size.content?.['size'])}`
    },
  }
}

function orderInRounds({ inputResponses, requestState }: McpCall) {
  const responses = new Map<string, { action: string; content?: Record<string, unknown> }>(
    Object.entries(Object(inputResponses)),
  )
  const size = responses.get('size')
  if (size && size.action !== 'accept') return `no order: ${size.action}`
  if (size) {
    return {
      resultType: 'input_required' as const,
      inputRequests: { count: { method: 'elicitation/create', params: { mode: 'form', ...COUNT } } },
      requestState: `size=${String(size.content?.['size'])}`,
    }
  }
  const count = responses.get('count')
  if (count) return `ordered ${String(count.content?.['count'])} of ${String(requestState).slice(5)}`
  return {
    resultType: 'input_required' as const,
    inputRequests: { size: { method: 'elicitation/create', params: { mode: 'form', ...SIZE } } },
  }
}

describe.each<[McpMode | 'apart', McpMode]>([
  ['stateful', 'stateful'],
  ['apart', 'stateful'],
  ['modern', 'modern'],
])('a server (%s) that asks a person', (how, mode) => {
  it('gets the answers one after another, and the call goes on', async () => {
    const tools = await start([order(how)], mode)
    const first = await asked(tools)
    expect(first.questions).toMatchObject([{ message: 'Which size?', schema: SIZE.requestedSchema }])
    const withSize = [{ ...first, answers: [accept({ size: 'L' })] }]
    const second = await asked(tools, withSize)
    expect(second.questions).toMatchObject([{ message: 'How many?', schema: COUNT.requestedSchema }])
    const withBoth = [...withSize, { ...second, answers: [accept({ count: 3 })] }]
    expect(await call(tools, 'shop_order', withBoth)).toEqual({ text: 'ordered 3 of L' })
  })

  it.each<[Answer, string, string]>([
    [{ action: 'decline', reason: 'None of them.' }, 'decline', 'declined to answer.*None of them'],
    [{ action: 'cancel' }, 'cancel', 'Nobody answered'],
  ])('gets to know when the answer is %o', async (answer, action, note) => {
    const tools = await start([order(how)], mode)
    const first = await asked(tools)
    expect(await call(tools, 'shop_order', [{ ...first, answers: [answer] }])).toEqual({
      text: `no order: ${action}`,
      note: expect.stringMatching(note),
    })
  })
})

describe('questions of several calls at once', () => {
  /** What tools throw that are called at once in one run. */
  async function errorsOf(tools: Map<string, RunTool>, names: string[]): Promise<unknown[]> {
    await using scope = new AsyncDisposableStack()
    const { signal } = new AbortController()
    const error = async (name: string): Promise<unknown> => {
      try {
        return await tools.get(name)?.call({}, { scope, signal, idempotencyKey: name })
      } catch (thrown) {
        return thrown
      }
    }
    return await Promise.all(names.map(error))
  }

  /** Asks when both calls are under way. */
  const together = (question: (call: McpCall) => Promise<unknown>) => {
    const both = Promise.withResolvers<void>()
    let count = 0
    return async (made: McpCall): Promise<string> => {
      if (++count === 2) both.resolve()
      await both.promise
      return JSON.stringify(await question(made))
    }
  }

  it('belong to the call in whose response they arrive', async () => {
    const ask = together(async ({ elicit, tool }) => elicit?.({ ...SIZE, message: tool }))
    const names = ['one', 'two']
    const tools = await start(
      names.map((name) => ({ name, call: ask })),
      'stateful',
    )
    const errors = await errorsOf(tools, ['shop_one', 'shop_two'])
    expect(
      errors.map((error) => (error instanceof QuestionAsked ? error.round.questions[0]?.message : error)),
    ).toEqual(names)
  })

  it('are refused where they do not say which call they belong to', async () => {
    const ask = together(async ({ elicit }) => elicit?.(SIZE, { apart: true }))
    const tools = await start([{ name: 'order', call: ask }], 'stateful')
    const errors = await errorsOf(tools, ['shop_order', 'shop_order'])
    expect(errors.map(String)).toContainEqual(expect.stringMatching(/Call this tool alone/))
  })
})

describe('questions that nobody can be asked', () => {
  const one = (request: { method: string; params?: object }, requestState?: string): McpTestTool => ({
    name: 'order',
    call: () => ({
      resultType: 'input_required',
      inputRequests: { it: request },
      ...(requestState === undefined ? {} : { requestState }),
    }),
  })
  const elicit = (params: object) => ({ method: 'elicitation/create', params: { mode: 'form', ...params } })

  it.each<[string, McpTestTool, RegExp]>([
    ['too long', one(elicit({ ...SIZE, message: 'x'.repeat(60_000) })), /more than 50000 characters/],
    ['with a secret in the state', one(elicit(SIZE), `my ${TOKEN}`), /put a secret into the state/],
    ['with a large state', one(elicit(SIZE), 'x'.repeat(200_000)), /state that is too large/],
  ])('%s', async (_what, tool, message) => {
    const tools = await start([tool], 'modern')
    await expect(call(tools)).rejects.toThrow(message)
  })

  it.each<[string, unknown, RegExp]>([
    [
      'for a web page',
      elicit({ mode: 'url', message: 'Go', url: 'https://example.com' }),
      /asks a person to open a web page/,
    ],
    [
      'for a model',
      { method: 'sampling/createMessage', params: {} },
      /sampling\/createMessage, which is not/,
    ],
    ['without a method', null, /asks for undefined/],
    ['without a schema', elicit({ message: 'Which?' }), /without a message or a schema/],
    [
      'with a schema of a text',
      elicit({ message: 'Which?', requestedSchema: { type: 'string' } }),
      /schema of an object/,
    ],
    [
      'with a schema that cannot be read',
      elicit({
        message: 'Which?',
        requestedSchema: { type: 'object', properties: { a: { type: 'nonsense' } } },
      }),
      /whose schema cannot be used/,
    ],
  ])('%s', async (_what, request, message) => {
    await expect(readQuestions({ it: request }, String)).rejects.toThrow(message)
  })

  it('again and again', async () => {
    const tools = await start([order('modern')], 'modern')
    const round = await asked(tools)
    const rounds = Array.from({ length: 10 }, () => ({ ...round, answers: [accept({ size: 'S' })] }))
    await expect(call(tools, 'shop_order', rounds)).rejects.toThrow(/more than 10 times/)
  })

  it('hold no secret', async () => {
    const tools = await start([one(elicit({ ...SIZE, message: `For ${TOKEN}?` }))], 'modern')
    expect((await asked(tools)).questions).toMatchObject([{ message: 'For [redacted]?' }])
  })
})

describe('a server of 2026 that only wants its state back', () => {
  it('gets it, until it has a result', async () => {
    const tools = await start(
      [
        {
          name: 'order',
          call: ({ requestState }) =>
            requestState === 'xx'
              ? 'done'
              : { resultType: 'input_required', requestState: requestState === undefined ? 'x' : 'xx' },
        },
      ],
      'modern',
    )
    expect(await call(tools)).toEqual({ text: 'done' })
  })
})

describe('a program that asks a person', () => {
  it('gets the answer when it is called again', async () => {
    const tools = await toolsOf(
      McpTool.parse({ type: 'mcp', name: 'local', command: process.execPath, args: [SCRIPT] }),
    )
    const outcome = await call(tools, 'local_ask').catch((error: unknown) => error)
    if (!(outcome instanceof QuestionAsked)) throw new Error('nothing was asked', { cause: outcome })
    const answered = [{ ...outcome.round, answers: [accept({ size: 'S' })] }]
    expect(await call(tools, 'local_ask', answered)).toEqual({ text: 'accept S' })
  })
})
