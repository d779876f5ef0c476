import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toolTexts, urlsGiven } from '../harness/callbackModel.ts'
import { readBody, startHttpServer } from '../harness/httpServer.ts'
import { startMcpServer } from '../harness/mcpServer.ts'
import { callTools, fail, say, startModelServer, type Recorded, type Reply } from '../harness/modelServer.ts'
import { freePort, startProgram, type Program } from '../harness/program.ts'

const STDIO_SERVER = fileURLToPath(new URL('../harness/stdioMcpServer.ts', import.meta.url))

export type StandIns = {
  program: Program
  /** Texts in the pages, and their replacements. */
  replacements: Record<string, string>
  stop(): Promise<void>
}

/** Starts the program, and loopback servers in place of those that the pages name on the internet. */
export async function startStandIns(): Promise<StandIns> {
  const directory = await mkdtemp(join(tmpdir(), 'bellwire-docs-bin-'))
  await writeFile(join(directory, 'npx'), `#!/bin/sh\nexec '${process.execPath}' '${STDIO_SERVER}'\n`)
  await chmod(join(directory, 'npx'), 0o755)

  const model = await startModelServer((request) => waitOnce(request) ?? refundOnce(request))
  const mcp = await startMcpServer([{ name: 'microsoft_docs_search', call: () => 'found' }])
  const shop = await startHttpServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(PET_SHOP))
    return Promise.resolve()
  })
  let callback = ''
  const ci = await startHttpServer(async (request, response) => {
    if (request.method === 'POST') ({ callback } = JSON.parse(await readBody(request)))
    response.end(callback)
  })
  const program = await startProgram({
    env: {
      PATH: `${directory}:${process.env['PATH'] ?? ''}`,
      BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
      BELLWIRE_MCP_COMMANDS: 'npx -y @modelcontextprotocol/server-everything',
      LOCAL_MODEL_BASE_URL: model.url,
    },
  })
  return {
    program,
    replacements: {
      'http://localhost:7091': program.url,
      'bw_admin_…': program.adminKey,
      '"openai/': '"local/',
      'https://petstore3.swagger.io': shop.origin,
      'https://learn.microsoft.com/api/mcp': mcp.url,
      'https://ci.example.com': ci.origin,
      // The port of receivers that the pages start.
      '8787': String(await freePort()),
    },
    async stop() {
      await program.remove()
      await Promise.all([model.stop(), mcp.stop(), shop.stop(), ci.stop()])
      await rm(directory, { recursive: true })
    },
  }
}

/** A model that asks a person if it can, or starts a build and waits for it; undefined if it can do neither. */
function waitOnce(request: Recorded): Reply | undefined {
  const { tools = [] } = request.body
  const has = (name: string): boolean => tools.some((tool) => tool.function.name === name)
  const made = toolTexts(request.body).length
  if (has('ask_person')) {
    const question = { question: 'Which colour?', choices: ['Red', 'Blue'] }
    return made > 0 ? say('Done.') : callTools([{ name: 'ask_person', arguments: question }])
  }
  if (!has('start_build')) return undefined
  const [given] = urlsGiven(request)
  const turns = [
    { name: 'create_callback_url', arguments: {} },
    { name: 'start_build', arguments: { branch: 'main', callback: given?.url } },
    { name: 'wait_for_callback', arguments: { id: given?.id } },
  ]
  const turn = turns[made]
  return turn ? callTools([turn]) : say('The build has passed.')
}

/** Calls of a page that are refused before the key is replaced. */
let refusals = 2

/** A model that refunds what it is asked for, and says so. */
function refundOnce({ body }: Recorded): Reply {
  if (JSON.stringify(body.messages).includes('order of the night') && refusals-- > 0) {
    return fail(401, 'Incorrect API key provided.')
  }
  const isDone = body.messages.some(({ role }) => role === 'tool')
  const canRefund = body.tools?.some((tool) => tool.function.name === 'refund')
  if (isDone || !canRefund) return say('Done.')
  return callTools([{ name: 'refund', arguments: { order: '1024', cents: 4900 } }])
}

const ORDER = { type: 'object', properties: { petId: { type: 'integer' } } }

const PET_SHOP = {
  openapi: '3.0.3',
  info: { title: 'Pet shop', version: '1' },
  servers: [{ url: '/api/v3' }],
  components: {
    securitySchemes: {
      api_key: { type: 'apiKey', name: 'api_key', in: 'header' },
      petstore_auth: { type: 'http', scheme: 'bearer' },
    },
  },
  paths: {
    '/pet/findByStatus': operation('get', 'findPetsByStatus', [
      { name: 'status', in: 'query', schema: { type: 'string' } },
    ]),
    '/pet/{petId}': operation('get', 'getPetById', [
      { name: 'petId', in: 'path', required: true, schema: { type: 'integer' } },
    ]),
    '/store/order': {
      post: {
        operationId: 'placeOrder',
        requestBody: { content: { 'application/json': { schema: ORDER } } },
        responses: { 200: { description: 'placed' } },
      },
    },
  },
}

function operation(method: string, operationId: string, parameters: object[]): object {
  const security = [{ api_key: [] }, { petstore_auth: [] }]
  return { [method]: { operationId, parameters, security, responses: { 200: { description: 'pets' } } } }
}
