import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../../test/harness/waitFor.ts'
import { toolEnvironment } from '../../config/environment.ts'
import { McpTool } from '../../contract/mcpTool.ts'
import { createGuardedFetch } from '../guardedFetch.ts'
import { ImportError } from '../imports/importError.ts'
import { ToolError } from '../tool.ts'
import { createMcpConnector, type McpConnector } from './connector.ts'
import { importMcp } from './importMcp.ts'
import { createMcpTools } from './mcpTools.ts'

const SCRIPT = fileURLToPath(new URL('../../../test/harness/stdioMcpServer.ts', import.meta.url))
const COMMAND = process.execPath
const TOKEN = 'tok-0123456789'

let connector: McpConnector
let fetch: ReturnType<typeof createGuardedFetch>

beforeEach(() => {
  fetch = createGuardedFetch()
  connector = connect([`${COMMAND} ${SCRIPT}`])
})

afterEach(async () => {
  await connector.close()
  await fetch.close()
})

function connect(commands: string[]): McpConnector {
  return createMcpConnector({
    fetch,
    secrets: (name) => Promise.resolve(name === 'TOKEN' ? TOKEN : undefined),
    commands,
    environment: toolEnvironment(),
    version: '0.0.0',
  })
}

function config(more: object = {}): McpTool {
  return McpTool.parse({ type: 'mcp', name: 'local', command: COMMAND, args: [SCRIPT], ...more })
}

async function startRun(more: object = {}) {
  const written = config(more)
  const imported = { ...written, imported: await importMcp(written, connector, new Date()) }
  const tools = new Map(createMcpTools(imported, connector).map((tool) => [tool.name, tool]))
  const scope = new AsyncDisposableStack()
  const { signal } = new AbortController()
  return {
    async call(name: string): Promise<string> {
      const result = await tools.get(`local_${name}`)?.call({}, { scope, signal, idempotencyKey: 'k' })
      if (typeof result === 'object' && result !== null && 'text' in result) return String(result.text)
      throw new Error('no text', { cause: result })
    },
    end: () => scope.disposeAsync(),
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function importError(more: object): Promise<{ pointer: string; message: string }> {
  const error = await importMcp(config(more), connector, new Date()).catch((thrown: unknown) => thrown)
  if (error instanceof ImportError) return { pointer: error.pointer, message: error.message }
  throw new Error('it could be imported', { cause: error })
}

describe('a program', () => {
  it('sees little of our environment, and what the agent gives it', async () => {
    process.env['OPENAI_API_KEY'] = 'sk-never-to-be-seen'
    try {
      const run = await startRun({ env: { API_TOKEN: 'x-{{ secrets.TOKEN }}', MODE: 'test' } })
      const environment: unknown = JSON.parse(await run.call('environment'))
      expect(environment).toMatchObject({ PATH: process.env['PATH'], API_TOKEN: '[redacted]', MODE: 'test' })
      const known = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'API_TOKEN', 'MODE']
      expect(Object.keys(Object(environment)).filter((name) => !known.includes(name))).toEqual([])
      await run.end()
    } finally {
      delete process.env['OPENAI_API_KEY']
    }
  })

  it('is one for all calls of a run, and ends with it, with all that it has started', async () => {
    const run = await startRun()
    const pids = await Promise.all([run.call('pid'), run.call('pid')])
    expect(pids[0]).toBe(pids[1])
    const child = Number(await run.call('start_child'))
    const pid = Number(pids[0])
    expect([isAlive(pid), isAlive(child)]).toEqual([true, true])
    await run.end()
    await waitFor(() => !isAlive(pid) && !isAlive(child))
  })

  it('is killed when it does not end by itself, also when all is stopped', async () => {
    const run = await startRun({ args: [SCRIPT, '--stubborn'] })
    const pid = Number(await run.call('pid'))
    await connector.close()
    await waitFor(() => !isAlive(pid))
    await run.end()
    await expect(run.call('pid')).rejects.toThrow(ToolError)
  })

  it('that ends in the middle of a call is an error, and there again for the next one', async () => {
    const run = await startRun()
    const before = await run.call('pid')
    await expect(run.call('crash')).rejects.toThrow(
      'The call failed: the connection to the server closed before it responded. Whether the call took effect is unknown.',
    )
    const after = await run.call('pid')
    expect(after).not.toBe(before)
    await run.end()
  })
})

describe('a program that cannot be used', () => {
  it.each([
    ['is not allowed', { command: '/bin/sh', args: ['-c', 'true'] }, '/command', /BELLWIRE_MCP_COMMANDS/],
    ['is not allowed with these arguments', { args: ['-e', '1'] }, '/command', /not allowed with these arg/],
    ['needs a secret that is not there', { env: { A: '{{ secrets.NO }}' } }, '/command', /secret NO/],
  ])('%s', async (_what, more, pointer, message) => {
    expect(await importError(more)).toEqual({ pointer, message: expect.stringMatching(message) })
  })

  it('that answers with more than the limit is stopped, and started again for the next call', async () => {
    const run = await startRun()
    const pid = Number(await run.call('pid'))
    await expect(run.call('large')).rejects.toThrow(
      /^The call failed: the response is larger than 10485760 bytes\.$/,
    )
    await waitFor(() => !isAlive(pid))
    expect(Number(await run.call('pid'))).not.toBe(pid)
    await run.end()
  })

  it('says why, without secrets', async () => {
    const more = { args: [SCRIPT, '--broken'], env: { TOKEN: '{{ secrets.TOKEN }}' } }
    expect((await importError(more)).message).toMatch(
      /its last error output: I cannot work .*I got \[redacted\]$/,
    )
  })

  it('is not there', async () => {
    connector = connect(['/no/such/program'])
    expect(await importError({ command: '/no/such/program', args: [] })).toEqual({
      pointer: '/command',
      message: 'the command /no/such/program could not be started (ENOENT)',
    })
  })
})
