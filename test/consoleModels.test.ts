import { afterAll, beforeAll, expect, it } from 'vitest'
import { faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import type { Program } from './harness/program.ts'
import { startToolServer } from './harness/toolServer.ts'

/** A server of models, whose list has what others add to that of OpenAI. */
const server = await startToolServer()
const { program: running, signedIn } = openConsole({ env: { LOCAL_MODEL_BASE_URL: `${server.url}/v1` } })
let program: Program

function listModels(): void {
  const able = {
    id: 'big',
    display_name: 'Big One',
    context_length: 131_072,
    supported_parameters: ['tools', 'structured_outputs'],
    architecture: { input_modalities: ['text', 'image'] },
  }
  const plain = {
    id: 'small',
    context_length: 4_096,
    supported_parameters: [],
    architecture: { input_modalities: ['text'] },
  }
  server.handle(() => ({ body: { object: 'list', data: [able, plain] } }))
}

beforeAll(() => {
  program = running()
  listModels()
})
afterAll(() => server.stop())

it('chooses a model of what the providers offer, by search and keyboard', async () => {
  await program.api('PUT', `/api/prices/${encodeURIComponent('local/big')}`, { input: 0.25, output: 2 })
  const page = await signedIn({ viewport: PHONE })
  await page.goto('/agents/new')
  const field = page.getByRole('combobox', { name: 'Model' })
  await field.click()
  await page.getByRole('option', { name: /^assistant/ }).waitFor()
  const big = page.getByRole('option', { name: /^big/ })
  await big.getByText('Tools · Images · Output schema · 131k context').waitFor()
  await big.getByText('$0.25 / $2.00').waitFor()
  await page
    .getByRole('option', { name: /^small/ })
    .getByText('Price unknown')
    .waitFor()
  await page.getByText('Not configured: openai, anthropic, google.').waitFor()
  expect(await faults(page)).toEqual([])
  expect(await fits(page)).toBe(true)

  await field.fill('BIG')
  await expect.poll(() => page.getByRole('listbox').getByRole('option').count(), PATIENT).toBe(1)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  expect(await field.inputValue()).toBe('local/big')
  await page
    .getByText('Tools, Images, Output schema · 131k context · $0.25 / $2.00 per million tokens in / out')
    .waitFor()
  await big.waitFor({ state: 'hidden' })

  // A tool that this model cannot call.
  await page.getByRole('button', { name: 'Add tool' }).click()
  await page.getByRole('tab', { name: 'Built-in' }).click()
  await page.getByRole('button', { name: /^Current time/ }).click()
  await field.fill('local/small')
  await page.getByText('This agent has tools, but the model cannot call them.').waitFor()
  await field.fill('local/other')
  await page.getByText('local does not list this model.').waitFor()
  await page.keyboard.press('Escape')
  expect(await faults(page)).toEqual([])
}, 60_000)

it('says when a server does not answer, and asks again', async () => {
  server.handle(() => ({ status: 500, body: 'broken' }))
  await program.api('GET', '/api/models?refresh=true')
  const page = await signedIn()
  await page.goto('/agents/new')
  await page.getByText(/local did not list its models/).waitFor()
  // It can be named all the same.
  await page.getByRole('combobox', { name: 'Model' }).fill('local/big')
  await page.keyboard.press('Escape')
  expect(await faults(page)).toEqual([])
  listModels()
  await page.getByRole('button', { name: 'Ask again' }).click()
  await page.getByText(/local did not list its models/).waitFor({ state: 'detached' })
  await page.getByText(/131k context · \$0\.25/).waitFor()
}, 60_000)

it('sets provider prices one by one, and never replaces a price that is set', async () => {
  const priced = (id: string, pricing: object) => ({ id, context_length: 4_096, pricing })
  server.handle(() => ({
    body: {
      object: 'list',
      data: [
        priced('one', { prompt: '0.000003', completion: '0.000015', input_cache_read: '0.0000003' }),
        priced('two', { prompt: '0.0000005', completion: '0.0000015' }),
        priced('varies', { prompt: '-1', completion: '-1' }),
        priced('set', { prompt: '0.000001', completion: '0.000001' }),
      ],
    },
  }))
  const priceOf = async (model: string) =>
    (await program.api('GET', '/api/prices')).body.data.find((one: { model: string }) => one.model === model)
  await program.api('PUT', '/api/prices/local%2Fset', { input: 7, output: 8 })
  const { body } = await program.api('GET', '/api/models?refresh=true')
  const offers = body.data.filter(({ provider }: { provider: string }) => provider === 'local')
  expect(offers.map((one: { provider_price: unknown }) => one.provider_price)).toEqual([
    { input: 3, cached_input: 0.3, output: 15 },
    { input: 0.5, output: 1.5 },
    null,
    { input: 1, output: 1 },
  ])
  expect(await priceOf('local/one')).toBeUndefined()

  const page = await signedIn({ viewport: PHONE })
  await page.goto('/settings/prices')
  await page.getByText('Provider prices for 2 models without a price').click()
  const table = page.getByRole('table', { name: 'Provider prices' })
  await table.getByRole('row', { name: /local\/one 3 0\.3 15/ }).waitFor()
  expect(await table.getByText('local/set').count()).toBe(0)
  expect([await fits(page), await faults(page)]).toEqual([true, []])
  await table.getByRole('button', { name: 'Use the price of local/one' }).click()
  await page
    .getByRole('table', { name: 'Prices that you set' })
    .getByRole('row', { name: /local\/one 3 0\.3 15/ })
    .waitFor()
  await page.getByText('Provider prices for 1 model without a price').waitFor()
  expect(await priceOf('local/one')).toMatchObject({
    input: 3,
    cached_input: 0.3,
    output: 15,
    source: 'custom',
  })

  // Somebody else sets a price while the page shows the one of the provider.
  await program.api('PUT', '/api/prices/local%2Ftwo', { input: 4, output: 5 })
  const refused = page.waitForResponse((response) => response.status() === 412)
  await table.getByRole('button', { name: 'Use the price of local/two' }).click()
  await refused
  await page.getByText('A price is already set for local/two.').waitFor()
  expect(await priceOf('local/two')).toMatchObject({ input: 4, output: 5 })
}, 60_000)
