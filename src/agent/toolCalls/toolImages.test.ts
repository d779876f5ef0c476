import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../../test/harness/agentRun.ts'
import { startMcpServer, type McpTestServer } from '../../../test/harness/mcpServer.ts'
import { createMemoryJournal } from '../../../test/harness/memoryJournal.ts'
import { callTools, fail, say } from '../../../test/harness/modelServer.ts'

const PNG = Buffer.from('a picture of a cat').toString('base64')

let bench: AgentBench
let server: McpTestServer

beforeAll(async () => {
  bench = await startAgentBench()
  server = await startMcpServer([
    {
      name: 'look',
      call: () => ({
        content: [
          { type: 'text', text: 'The garden:' },
          { type: 'image', data: PNG, mimeType: 'image/png' },
        ],
      }),
    },
  ])
})

beforeEach(() => {
  bench.model.reset()
  server.calls.length = 0
})

afterAll(() => Promise.all([bench.stop(), server.stop()]))

function config(model: string) {
  const look = {
    tool: 'look',
    name: 'garden_look',
    description: '',
    parameters: { type: 'object' },
    access: 'read',
    idempotent: true,
  }
  const imported = { imported_at: '2026-05-01T10:00:00Z', tools: [look] }
  return { model, tools: [{ type: 'mcp', name: 'garden', url: server.url, imported }] }
}

/** The messages of the newest request, from the result of the tool on. */
function afterCall(): { role: string; content: unknown }[] {
  const messages = bench.model.requests.at(-1)?.body.messages ?? []
  return messages.slice(messages.findIndex(({ role }) => role === 'tool'))
}

const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } }

describe('an image that a tool gives back', () => {
  it('reaches a model that sees, behind the result', async () => {
    bench.model.script(callTools([{ id: 'c', name: 'garden_look', arguments: {} }]), say('A cat.'))
    const { result } = await bench.run(config('local/qwen2.5-vl'))
    const [told, shown, ...rest] = afterCall()
    expect(String(told?.content)).toMatch(
      /The garden:[^]*Image 1 \(image\/png, 18 bytes\) is in the next message/,
    )
    expect(String(told?.content)).not.toContain(PNG)
    expect(shown?.role).toBe('user')
    expect(shown?.content).toEqual([
      { type: 'text', text: expect.stringContaining('Image 1, from the tool garden_look.') },
      picture,
    ])
    expect(rest).toEqual([])
    expect(result.answer).toBe('A cat.')
    expect(result.tool_calls[0]?.result).toEqual({
      text: 'The garden:',
      images: [{ media_type: 'image/png', bytes: 18 }],
    })
  })

  it('is a line of text for a model that does not', async () => {
    bench.model.script(callTools([{ id: 'c', name: 'garden_look', arguments: {} }]), say('Hm.'))
    await bench.run(config('local/test-model'))
    expect(afterCall()).toEqual([
      {
        role: 'tool',
        tool_call_id: 'c',
        content: expect.stringMatching(
          /The garden:[^]*An image \(image\/png, 18 bytes\) is not shown: this model cannot see images\./,
        ),
      },
    ])
  })

  it.each([
    [400, 'test-vl is not a multimodal model'],
    [422, 'messages[3].content must be a string'],
    [500, 'image input is not supported - hint: provide the mmproj'],
  ])('is left out where the server answers %i to it', async (status, message) => {
    bench.model.script(
      callTools([{ id: 'c', name: 'garden_look', arguments: {} }]),
      fail(status, message),
      say('No picture.'),
    )
    const { result } = await bench.run(config('local/test-vl'))
    expect(result.answer).toBe('No picture.')
    expect(bench.model.requests).toHaveLength(3)
    expect(JSON.stringify(afterCall())).toMatch(/cannot see images/)
    expect(JSON.stringify(afterCall())).not.toContain(PNG)
  })

  it('is still there when the run is resumed from its journal', async () => {
    const store = new Map<string, string>()
    const input = () => ({ journal: createMemoryJournal({ store }) })
    bench.model.script(callTools([{ id: 'c', name: 'garden_look', arguments: {} }]), fail(503))
    await bench.failure(config('local/test-vl'), input())
    bench.model.script(say('A cat.'))
    await bench.run(config('local/test-vl'), input())
    expect(server.calls).toHaveLength(1)
    expect(afterCall()[1]?.content).toContainEqual(picture)
  })

  it('is still there when a person has changed the arguments of the call', async () => {
    const store = new Map<string, string>()
    const input = () => ({ journal: createMemoryJournal({ store }) })
    const approved = { ...config('local/test-vl'), approvals: { write_calls: 'never' } }
    bench.model.script(callTools([{ id: 'c', name: 'garden_look', arguments: {} }]), say('A cat.'))
    const { result } = await bench.run(approved, {
      ...input(),
      decisions: () => ({ state: 'approved', editedArguments: { at: 'the gate' } }),
    })
    expect(afterCall()[1]?.content).toContainEqual(picture)
    expect(JSON.stringify(result)).not.toContain(PNG)
  })
})
