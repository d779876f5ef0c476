import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import type { Program } from './harness/program.ts'
import { startMcpServer, type McpTestServer } from './harness/mcpServer.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'

const { program: running, signedIn } = openConsole({
  env: { BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8' },
})
let program: Program
let web: ToolServer
let mcp: McpTestServer

beforeAll(async () => {
  web = await startToolServer()
  mcp = await startMcpServer([
    {
      name: 'find',
      description: 'Finds notes.',
      inputSchema: { type: 'object', properties: { about: { type: 'string' } }, required: ['about'] },
      annotations: { readOnlyHint: true },
      call: ({ args }) => `Notes about ${String(args['about'])}`,
    },
    {
      name: 'wipe',
      description: 'Deletes all.',
      annotations: { destructiveHint: true },
      call: () => 'Gone.',
    },
  ])
  program = running()
})
afterEach(() => web.reset())
afterAll(() => Promise.all([web.stop(), mcp.stop()]))

async function makeAgent(tools: object[]): Promise<string> {
  const { status, body } = await program.api('POST', '/api/agents', {
    name: 'Tooled',
    instructions: 'Help.',
    model: 'demo/assistant',
    tools,
  })
  expect([status, body.errors]).toEqual([201, undefined])
  return body.id
}

async function toolsOf(id: string): Promise<object[]> {
  return (await program.api('GET', `/api/agents/${id}`)).body.tools
}

async function openTools(page: Page, id: string): Promise<void> {
  await page.goto(`/agents/${id}/configure`)
  await page.getByRole('button', { name: 'Add tool' }).waitFor()
}

async function showJson(page: Page): Promise<void> {
  await page.getByRole('radiogroup', { name: 'Edit tools as' }).getByText('JSON').click()
  // Before the editor is loaded, it is a plain text area.
  await page.locator('.cm-content[data-field="tools"]').waitFor()
}

async function showForm(page: Page): Promise<void> {
  await page.getByRole('radiogroup', { name: 'Edit tools as' }).getByText('Form').click()
}

async function save(page: Page, revision: number): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText(`Live revision: ${revision}`).waitFor()
}

it('adds a tool from a template, and edits every part of it in a form', async () => {
  await program.api('PUT', '/api/secrets/SHOP_TOKEN', { value: 'shop-token-0123456789' })
  const id = await makeAgent([])
  const page = await signedIn({ viewport: DESK })
  await openTools(page, id)
  await page.getByRole('button', { name: 'Add tool' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add tool' })
  await dialog.getByRole('button', { name: /^Stripe refund/ }).waitFor()
  expect(await faults(page)).toEqual([])
  await dialog.getByRole('button', { name: /^POST as JSON/ }).click()

  const row = page.getByRole('list', { name: 'Tools' }).getByRole('listitem').first()
  await row.getByText('Secret not set:').waitFor()
  const form = row.getByRole('group', { name: 'create_item' })
  await form.getByRole('textbox', { name: 'URL', exact: true }).fill(`${web.url}/orders/`)
  await form.getByRole('button', { name: 'Insert a secret into Value of header Authorization' }).click()
  await page.getByRole('menuitem', { name: 'SHOP_TOKEN' }).waitFor()
  await page.keyboard.press('Escape')
  const header = form.getByRole('textbox', { name: 'Value of header Authorization' })
  await header.fill('Bearer ')
  await header.press('End')
  await form.getByRole('button', { name: 'Insert a secret into Value of header Authorization' }).click()
  await page.getByRole('menuitem', { name: 'SHOP_TOKEN' }).click()
  await expect.poll(() => header.inputValue(), PATIENT).toBe('Bearer {{ secrets.SHOP_TOKEN }}')
  await row.getByText('Secret not set:').waitFor({ state: 'detached' })

  await form.getByRole('button', { name: 'Add parameter' }).click()
  await form.getByLabel('Name of parameter 2').fill('count')
  await form.getByLabel('Type of count').selectOption('integer')
  await form.getByLabel('Description of count').fill('How many')
  await form.getByLabel('count is required').press('Space')
  await form
    .getByRole('textbox', { name: 'Body' })
    .fill('{ "title": {{ title | json }}, "count": {{ count | json }} }')
  await form.getByLabel('Approval').selectOption('Always')
  await form.getByLabel('Timeout (seconds)').fill('12.5')
  await form.getByRole('switch', { name: 'The endpoint honours Idempotency-Key' }).press('Space')
  expect(await faults(page)).toEqual([])
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('order')
  await row.getByText('Needs approval').waitFor()
  await save(page, 2)
  // Saved, and still open.
  await page.getByRole('group', { name: 'order' }).waitFor()

  expect(await toolsOf(id)).toEqual([
    {
      type: 'http',
      name: 'order',
      description: 'Creates an item.',
      method: 'POST',
      url: `${web.url}/orders/`,
      headers: { Authorization: 'Bearer {{ secrets.SHOP_TOKEN }}' },
      parameters: {
        type: 'object',
        properties: {
          title: { type: 'string', description: 'Title of the item' },
          count: { type: 'integer', description: 'How many' },
        },
        required: ['title'],
        additionalProperties: false,
      },
      body: '{ "title": {{ title | json }}, "count": {{ count | json }} }',
      access: 'write',
      approval: 'always',
      timeout_seconds: 12.5,
      idempotent: true,
    },
  ])
}, 60_000)

it('loses nothing between form and JSON, and keeps what is half typed', async () => {
  const tool = {
    type: 'http',
    name: 'look_up',
    description: 'Looks something up.',
    method: 'GET',
    url: `${web.url}/things`,
    parameters: {
      type: 'object',
      properties: { id: { type: ['string', 'null'], 'x-own': { a: [1, 2] } } },
      $defs: { unused: { type: 'number' } },
    },
    access: 'read',
  }
  const id = await makeAgent([tool])
  const page = await signedIn()
  await openTools(page, id)
  await page.getByRole('button', { name: 'Edit look_up' }).click()
  await page.getByLabel('Description of id').fill('The thing')
  await showJson(page)
  const text = page.getByRole('textbox', { name: 'Tools as JSON' })
  await page.locator('.cm-content[data-field="tools"]').waitFor()
  const written = JSON.parse(await text.innerText())
  const { id: member } = tool.parameters.properties
  expect(written).toEqual([
    {
      ...tool,
      parameters: { ...tool.parameters, properties: { id: { ...member, description: 'The thing' } } },
    },
  ])

  await text.fill(`[${JSON.stringify({ ...tool, surprise: true })}`)
  await page.getByText('The JSON cannot be read yet.').waitFor()
  await page.getByText('Invalid JSON: unexpected end of input.').waitFor()
  const asForm = page.getByRole('radiogroup', { name: 'Edit tools as' }).getByRole('radio', { name: 'Form' })
  expect(await asForm.isDisabled()).toBe(true)
  expect(await faults(page)).toEqual([])
  await text.press('ControlOrMeta+End')
  await text.pressSequentially(']')
  await showForm(page)
  await page.getByText('Only in the JSON: surprise').waitFor()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page
    .getByText(/surprise/)
    .last()
    .waitFor()

  // Half-typed JSON of one field: the form stays, nothing is saved, and the text is in the JSON of the whole.
  await page.getByRole('button', { name: 'Edit as JSON Schema' }).click()
  await page.getByLabel('JSON Schema of the parameters').fill('{ "type": ')
  await page.getByText('Invalid JSON: unexpected end of input.').waitFor()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText(/Invalid JSON at line/).waitFor()
  expect(await page.getByLabel('JSON Schema of the parameters').inputValue()).toBe('{ "type": ')
  await showJson(page)
  expect(await text.innerText()).toContain('"parameters": { "type": ')
  await text.fill(JSON.stringify([tool]))
  await showForm(page)
  await page.getByRole('button', { name: 'Edit as JSON Schema' }).waitFor()
  expect(await toolsOf(id)).toEqual([tool])
}, 60_000)

it('duplicates, moves and removes tools, and brings a removed one back', async () => {
  const id = await makeAgent([
    { type: 'builtin', name: 'current_time' },
    { type: 'http', name: 'read_it', description: 'Reads.', url: `${web.url}/it`, access: 'read' },
  ])
  const page = await signedIn()
  await openTools(page, id)
  const names = () => page.getByRole('list', { name: 'Tools' }).getByRole('heading').allInnerTexts()
  const choose = async (tool: string, action: string): Promise<void> => {
    await page.getByRole('button', { name: `More actions for ${tool}`, exact: true }).click()
    await page.getByRole('menuitem', { name: action }).click()
  }
  await choose('read_it', 'Duplicate')
  await expect.poll(names, PATIENT).toEqual(['current_time', 'read_it', 'read_it_2'])
  await choose('read_it_2', 'Move up')
  await choose('current_time', 'Move down')
  await expect.poll(names, PATIENT).toEqual(['read_it_2', 'current_time', 'read_it'])
  await choose('current_time', 'Remove')
  await expect.poll(names, PATIENT).toEqual(['read_it_2', 'read_it'])
  await page.getByText('Removed current_time.').waitFor()
  await page.getByRole('button', { name: 'Undo' }).press('Enter')
  await expect.poll(names, PATIENT).toEqual(['read_it_2', 'current_time', 'read_it'])
  await save(page, 2)
  expect((await toolsOf(id)).map((tool) => Reflect.get(tool, 'name'))).toEqual([
    'read_it_2',
    'current_time',
    'read_it',
  ])
}, 60_000)

it('shows what is wrong with a tool at its field, and fits a phone', async () => {
  const id = await makeAgent([{ type: 'builtin', name: 'current_time' }])
  const page = await signedIn({ viewport: PHONE })
  await openTools(page, id)
  await page.getByRole('button', { name: 'Add tool' }).click()
  await page.getByRole('button', { name: /^Web search/ }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const form = page.getByRole('group', { name: 'search_web' })
  await form.getByText(/There is no secret BRAVE_API_KEY/).waitFor()
  await expect
    .poll(() => page.evaluate('document.activeElement.getAttribute("aria-label")'), PATIENT)
    .toBe('Close search_web')
  expect(await faults(page)).toEqual([])
  expect(await fits(page)).toBe(true)
}, 60_000)

/** Serves a document of a shop, and answers every other request with what it was. */
function serveShop(summary: string): void {
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }
  web.handle(({ path, method }) =>
    path === '/openapi.json'
      ? {
          body: {
            openapi: '3.1.0',
            info: { title: 'Shop', version: '2' },
            servers: [{ url: '/v1' }],
            security: [{ key: [] }],
            paths: {
              '/orders': { get: { operationId: 'listOrders', summary: 'List orders' } },
              '/orders/{id}': {
                get: { operationId: 'getOrder', summary, parameters: [id] },
                delete: { operationId: 'deleteOrder', summary: 'Delete an order', parameters: [id] },
              },
              '/broken': { get: { $ref: 'elsewhere.yaml' } },
            },
            components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
          },
        }
      : { body: { path, method } },
  )
}

it('chooses operations of a document, says what is wrong in place, tries one, and shows what has changed', async () => {
  await program.api('PUT', '/api/secrets/SHOP_KEY', { value: 'shop-key-0123456789' })
  serveShop('Show an order')
  const id = await makeAgent([])
  const page = await signedIn({ viewport: DESK })
  await openTools(page, id)
  await page.getByRole('button', { name: 'Add tool' }).click()
  await page.getByRole('tab', { name: 'OpenAPI' }).click()
  await page.getByRole('button', { name: /^OpenAPI document/ }).click()
  const row = page.getByRole('list', { name: 'Tools' }).getByRole('listitem').first()
  await row.getByRole('textbox', { name: 'Name', exact: true }).fill('shop')
  const url = page.getByRole('textbox', { name: 'URL of the document' })
  await url.fill(`${web.url}/missing.json`)
  const load = page.getByRole('button', { name: 'Load operations' })
  await load.click()
  await page.getByText(/not an OpenAPI document/).waitFor()
  await url.fill(`${web.url}/openapi.json`)
  await load.click()

  const list = page.getByRole('list', { name: 'operations' })
  await list.getByText('List orders').waitFor()
  expect(await list.getByRole('checkbox', { name: 'GET /broken' }).isDisabled()).toBe(true)
  await page.getByRole('textbox', { name: 'Search operations' }).fill('get order')
  await expect.poll(() => list.getByRole('checkbox').count(), PATIENT).toBe(2)
  await page.getByRole('textbox', { name: 'Search operations' }).fill('')
  await page.getByRole('button', { name: 'Choose all reads' }).click()
  await page.getByText('2 chosen').waitFor()
  await list.getByRole('checkbox', { name: 'deleteOrder' }).press('Space')
  await list.getByLabel('Approval of deleteOrder').selectOption('always')
  expect(await faults(page)).toEqual([])

  await page.getByRole('button', { name: 'Check import' }).click()
  await page.getByText(/listOrders needs a credential for key/).waitFor()
  await page.getByRole('button', { name: 'Add key (http bearer)' }).click()
  await page.getByRole('textbox', { name: 'Value of credential key' }).fill('{{ secrets.SHOP_KEY }}')
  await page.getByRole('button', { name: 'Check import' }).click()
  await page.getByText('listOrders, getOrder, deleteOrder').waitFor()
  await save(page, 2)
  await row.getByText('2 read, 1 write').waitFor()
  expect(await toolsOf(id)).toMatchObject([
    {
      type: 'openapi',
      name: 'shop',
      operations: ['listOrders', 'getOrder', 'deleteOrder'],
      auth: { key: '{{ secrets.SHOP_KEY }}' },
      approval: { deleteOrder: 'always' },
    },
  ])

  await page.getByRole('button', { name: 'Try shop' }).click()
  const dialog = page.getByRole('dialog', { name: 'Try shop' })
  await dialog.getByLabel('Function').selectOption('shop_deleteOrder')
  await dialog.getByRole('textbox', { name: 'id' }).fill('a b')
  const before = web.requests.length
  await dialog.getByRole('button', { name: 'Call …' }).click()
  await dialog.getByText('shop_deleteOrder changes something').waitFor()
  expect(await faults(page)).toEqual([])
  expect(web.requests.length).toBe(before)
  await dialog.getByRole('button', { name: 'Make the call' }).click()
  const result = dialog.getByRole('status', { name: 'Result' })
  await result.getByText('HTTP 200').waitFor()
  expect(await result.getByRole('group', { name: 'Request' }).innerText()).toContain(
    `DELETE ${web.url}/v1/orders/a%20b`,
  )
  expect(await result.innerText()).not.toContain('shop-key')
  expect(web.requests.at(-1)?.headers.authorization).toBe('Bearer shop-key-0123456789')
  expect(await faults(page)).toEqual([])
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  serveShop('Show an order, with its items')
  await page.getByRole('button', { name: 'Check for changes' }).click()
  await page
    .getByRole('group', { name: 'Choose operations' })
    .getByText('getOrder', { exact: true })
    .last()
    .waitFor()
  await page.getByRole('button', { name: 'Refresh tools' }).click()
  await page.getByText('Refreshed: revision 3').waitFor()
  await page.getByText('Live revision: 3').waitFor()
  await page.getByRole('button', { name: 'Check for changes' }).click()
  await page.getByText('Nothing has changed since the last import.').waitFor()
}, 60_000)

it('chooses tools of an MCP server, and tries one on a phone', async () => {
  const id = await makeAgent([])
  const page = await signedIn({ viewport: PHONE })
  await openTools(page, id)
  await page.getByRole('button', { name: 'Add tool' }).click()
  await page.getByRole('tab', { name: 'MCP server' }).click()
  expect(await fits(page)).toBe(true)
  await page.getByRole('button', { name: /^MCP server/ }).click()
  await page.getByRole('textbox', { name: 'URL of the server' }).fill(mcp.url)
  await page.getByRole('button', { name: 'Load tools' }).click()
  const list = page.getByRole('list', { name: 'tools', exact: true })
  await list.getByRole('checkbox', { name: 'wipe' }).press('Space')
  await page.getByText('1 chosen').waitFor()
  expect(await fits(page)).toBe(true)
  expect(await faults(page)).toEqual([])
  await page.getByRole('button', { name: 'Try server' }).click()
  const dialog = page.getByRole('dialog', { name: 'Try server' })
  await dialog.getByRole('textbox', { name: 'about' }).fill('bells')
  await dialog.getByRole('button', { name: 'Call', exact: true }).click()
  await dialog.getByText(/Notes about bells/).waitFor()
  expect(await fits(page)).toBe(true)
  await page.keyboard.press('Escape')
  await save(page, 2)
  expect(await toolsOf(id)).toMatchObject([{ type: 'mcp', url: mcp.url, tools: ['find'] }])
}, 60_000)
