/**
 * An MCP server as a program. Its tools return its environment and process id, start another program, exit in the
 * middle of a call, answer with more than the limit, ask the person, or never answer.
 */
import { spawn } from 'node:child_process'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'

const isStubborn = process.argv.includes('--stubborn')

if (process.argv.includes('--broken')) {
  process.stderr.write(`I cannot work without a token; I got ${process.env['TOKEN'] ?? 'none'}\n`)
  process.exit(1)
}
if (isStubborn) {
  process.on('SIGTERM', () => {})
  setInterval(() => {}, 60_000)
}

const tools: Record<string, () => string | Promise<string>> = {
  environment: () => JSON.stringify(process.env),
  pid: () => String(process.pid),
  start_child: () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
    return String(child.pid)
  },
  crash: () => process.exit(3),
  large: () => 'x'.repeat(11 * 1024 * 1024),
  hang: () => new Promise(() => {}),
  ask: async () => {
    const { action, content } = await server.elicitInput({
      message: 'Which size?',
      requestedSchema: { type: 'object', properties: { size: { type: 'string' } } },
    })
    return `${action} ${String(content?.['size'])}`
  },
}

const server = new Server({ name: 'stdio-server', version: '0.0.1' }, { capabilities: { tools: {} } })
server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: Object.keys(tools).map((name) => ({
    name,
    inputSchema: { type: 'object' as const },
    annotations: { readOnlyHint: name !== 'crash' },
  })),
}))
server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
  const text = await tools[params.name]?.()
  return { content: [{ type: 'text' as const, text: text ?? 'no such tool' }] }
})
process.stdout.write('This line is no message.\n')
await server.connect(new StdioServerTransport())
