import { describe, expect, it } from 'vitest'
import { Tool } from '../contract/agent.ts'
import { BellwireError } from '../errors.ts'
import { importTools, keepImports, withoutImports, type ImportTool } from './importTools.ts'

/** A server whose tools are the letters of the URL's path; `version` is in each description. */
function world({ version = 1, at = '2026-05-01T10:00:00Z' } = {}) {
  const asked: string[] = []
  const importTool: ImportTool = (tool) => {
    asked.push(tool.name)
    if (tool.type !== 'mcp' || !tool.url?.startsWith('https://here/')) {
      return Promise.resolve({ ok: false, error: { pointer: '/url', detail: 'away' } })
    }
    const tools = Array.from(tool.url.slice('https://here/'.length), (letter) => ({
      tool: letter,
      name: `${tool.name}_${letter}`,
      description: `version ${version}`,
      parameters: { type: 'object' },
      access: 'read' as const,
      idempotent: true,
    }))
    return Promise.resolve({ ok: true, tool: { ...tool, imported: { imported_at: at, tools } } })
  }
  return { asked, importTool }
}

function mcp(name: string, letters: string, more: object = {}): Tool {
  return Tool.parse({ type: 'mcp', name, url: `https://here/${letters}`, ...more })
}

const clock = Tool.parse({ type: 'builtin', name: 'current_time' })

function imported(tools: Tool[], before: Tool[] = [], using = world()): Promise<Tool[]> {
  return importTools(tools, { before, importTool: using.importTool })
}

async function errors(tools: Tool[]): Promise<BellwireError['options']['errors']> {
  const error = await imported(tools).catch((thrown: unknown) => thrown)
  if (error instanceof BellwireError && error.code === 'schema_invalid') return error.options.errors
  throw new Error('they could be imported', { cause: error })
}

describe('importTools', () => {
  it('reads what stands for several, and leaves the others alone', async () => {
    const { asked, importTool } = world()
    const tools = await importTools([clock, mcp('a', 'xy')], { before: [], importTool })
    expect(asked).toEqual(['a'])
    expect(tools).toMatchObject([
      { type: 'builtin', name: 'current_time' },
      { imported: { tools: [{ name: 'a_x' }, { name: 'a_y' }] } },
    ])
  })

  it('keeps what was read for a tool that comes back with the same source, whatever the caller sends of it', async () => {
    const before = await imported([mcp('a', 'x'), mcp('b', 'y')])
    const { asked, importTool } = world({ version: 2 })
    const forged = { ...before[0], imported: { imported_at: 'x', tools: [] } }
    const edited = [
      mcp('b', 'y', { access: { y: 'write' }, approval: { y: 'always' }, timeout_seconds: 5 }),
      Tool.parse(forged),
      mcp('c', 'z'),
    ]
    const after = await importTools(edited, { before, importTool })
    expect(asked).toEqual(['c'])
    expect(after).toMatchObject([
      { name: 'b', access: { y: 'write' }, imported: { tools: [{ description: 'version 1' }] } },
      before[0],
      { name: 'c', imported: { tools: [{ description: 'version 2' }] } },
    ])
  })

  it('reads anew what has another source', async () => {
    const before = await imported([mcp('a', 'xy')])
    for (const edited of [mcp('b', 'xy'), mcp('a', 'xyz'), mcp('a', 'xy', { tools: ['x'] })]) {
      const { asked, importTool } = world()
      await importTools([edited], { before, importTool })
      expect(asked).toEqual([edited.name])
    }
  })

  it('reads everything afresh when asked to, and keeps what is the same', async () => {
    const before = await imported([mcp('a', 'x'), clock])
    const later = { before, afresh: true, importTool: world({ at: '2026-06-01T00:00:00Z' }).importTool }
    expect(await importTools(before, later)).toEqual(before)
    const changed = { before, afresh: true, importTool: world({ version: 2 }).importTool }
    expect(await importTools(before, changed)).toMatchObject([
      { imported: { tools: [{ description: 'version 2' }] } },
      clock,
    ])
  })

  it('tells all that could not be read', async () => {
    const away = (name: string) => Tool.parse({ type: 'mcp', name, url: 'https://there/' })
    expect(await errors([away('a'), mcp('b', 'x'), away('c')])).toEqual([
      { pointer: '/tools/0/url', detail: 'away' },
      { pointer: '/tools/2/url', detail: 'away' },
    ])
  })

  it('refuses two tools of one name, wherever they come from', async () => {
    const http = Tool.parse({
      type: 'http',
      name: 'a_x',
      description: '',
      url: 'https://example.com',
      access: 'read',
    })
    expect(await errors([http, mcp('a', 'yx')])).toEqual([
      { pointer: '/tools/1/name', detail: 'this creates a tool a_x, and so does a_x' },
    ])
  })

  it('refuses more tools than providers take', async () => {
    const letters = Array.from({ length: 70 }, (_, n) => String.fromCharCode(0x4e00 + n)).join('')
    expect(await errors([mcp('a', letters), mcp('b', letters)])).toEqual([
      { pointer: '/tools', detail: 'there are 140 tools; at most 128 are allowed' },
    ])
  })

  it('refuses rules for tools that are not there', async () => {
    expect(await errors([mcp('a', 'x', { access: { a_x: 'read' }, approval: { y: 'always' } })])).toEqual([
      { pointer: '/tools/0/access', detail: 'a_x is not one of its tools; they are x' },
      { pointer: '/tools/0/approval', detail: 'y is not one of its tools; they are x' },
    ])
  })
})

it('tells what a person wrote from what was read', async () => {
  const written = [mcp('a', 'x'), clock]
  const ready = await imported(written)
  expect(withoutImports(ready)).toEqual(written)
  expect(keepImports(written, ready)).toEqual(ready)
})
