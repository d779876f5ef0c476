import { expect, it } from 'vitest'
import { startTestApp } from './harness/api.ts'
import { startHttpServer } from './harness/httpServer.ts'
import { waitFor } from './harness/waitFor.ts'

it.each([
  { what: 'an OpenAPI document', tool: { type: 'openapi', operations: ['list'] } },
  { what: 'an MCP server', tool: { type: 'mcp' } },
])('a stop does not wait for $what that is being read', async ({ tool }) => {
  let asked = 0
  const silent = await startHttpServer(() => {
    asked += 1
    return new Promise(() => {})
  })
  const app = await startTestApp({ BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8' }, { worker: false })
  try {
    // Four at a time are more than there are threads, so that one of them waits.
    const saves = Array.from({ length: 4 }, (_, index) =>
      app.call('POST', '/api/agents', {
        name: 'Reader',
        instructions: 'Help.',
        model: 'demo/assistant',
        tools: [{ ...tool, name: 'them', url: `${silent.origin}/${index}` }],
      }),
    )
    await waitFor(() => asked >= 3)
    const began = performance.now()
    await app.stop()
    expect(performance.now() - began).toBeLessThan(5_000)
    for (const save of saves) {
      expect(await save).toMatchObject({ status: 503, body: { code: 'shutting_down' } })
    }
  } finally {
    await silent.stop()
  }
})
