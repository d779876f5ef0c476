import { expect, it } from 'vitest'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'

const { program: running, signedIn } = openConsole()

const VALUE = 'value-that-is-never-shown'

it('sets, replaces and deletes a secret, and never shows its value', async () => {
  const program = running()
  const page = await signedIn()
  await page.keyboard.press('g')
  await page.keyboard.press('s')
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
  const secrets = page.getByRole('region', { name: 'Secrets' })
  await secrets.getByText('No secrets yet.').waitFor()

  await secrets.getByRole('button', { name: 'Add secret' }).click()
  await page.keyboard.type('9 lives')
  await page.keyboard.press('Enter')
  await secrets.getByText('Enter a value.').waitFor()
  await secrets.locator('input[type=password]').fill(VALUE)
  await page.keyboard.press('Enter')
  await secrets.getByText('letters, digits and _', { exact: false }).waitFor()
  await secrets.getByLabel('Name').fill('SHOP_TOKEN')
  await page.keyboard.press('Enter')
  const row = secrets.getByRole('listitem').filter({ hasText: 'SHOP_TOKEN' })
  await row.getByText('Not used').waitFor()
  expect(await secrets.locator('input').count()).toBe(0)
  expect(await page.content()).not.toContain(VALUE)

  // An agent that uses it is shown, even before the deletion.
  const made = await program.api('POST', '/api/agents', {
    name: 'Shopkeeper',
    instructions: 'Help.',
    model: 'demo/assistant',
    tools: [
      {
        type: 'http',
        name: 'orders',
        description: 'Lists orders.',
        access: 'read',
        parameters: { type: 'object', properties: {}, additionalProperties: false },
        url: 'https://shop.example.com/orders',
        headers: { authorization: 'Bearer {{ secrets.SHOP_TOKEN }}' },
      },
    ],
  })
  expect(made).toMatchObject({ status: 201 })
  await page.reload()
  await row.getByRole('link', { name: 'Shopkeeper' }).waitFor()
  await row.getByRole('button', { name: 'Replace value of SHOP_TOKEN' }).click()
  const replaced = page.waitForResponse((response) => response.request().method() === 'PUT')
  await page.keyboard.type('another')
  await page.keyboard.press('Enter')
  expect((await replaced).status()).toBe(200)
  await expect.poll(() => row.locator('input').count(), PATIENT).toBe(0)

  await row.getByRole('button', { name: 'Delete SHOP_TOKEN' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Used by Shopkeeper.', { exact: false }).waitFor()
  expect(await faults(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await secrets.getByText('No secrets yet.').waitFor()
  expect((await program.api('GET', '/api/secrets')).body.data).toEqual([])

  // The agent cannot be saved without it, and its form links here.
  await page.goto(`/agents/${made.body.id}/configure`)
  await page.getByLabel('Max steps').fill('7')
  await page.getByRole('button', { name: /^Save/ }).click()
  await page.getByRole('link', { name: 'Set the secret in Settings' }).waitFor()
}, 90_000)

it('creates an API key, shows it once, and revokes it', async () => {
  const program = running()
  const { body: agent } = await program.api('POST', '/api/agents', {
    name: 'Widget agent',
    instructions: 'Help.',
    model: 'demo/assistant',
  })
  const page = await signedIn()
  await page.goto('/settings')
  const keys = page.getByRole('region', { name: 'API keys' })
  await keys.getByRole('button', { name: 'Create key' }).click()
  const form = keys.getByRole('form', { name: 'Create key' })
  await form.getByLabel('Name').fill('Widget')
  await page.keyboard.press('Enter')
  await form.getByText('Choose an agent.').waitFor()
  await form.getByRole('combobox', { name: 'Agent' }).selectOption({ value: agent.id })
  await form.getByRole('button', { name: 'Create key' }).click()
  const shown = keys.getByRole('group', { name: 'New API key' })
  await shown.getByText('It is shown only once', { exact: false }).waitFor()
  const key = /bw_agent_[\w-]{43}/.exec(await shown.innerText())?.[0] ?? ''
  const ask = () =>
    fetch(`${program.url}/api/agents`, { headers: { authorization: `Bearer ${key}` } }).then(
      ({ status }) => status,
    )
  // It is an agent key, not an admin key.
  expect(await ask()).toBe(403)
  const row = keys.getByRole('listitem').filter({ hasText: 'Widget' })
  await row.getByRole('link', { name: 'Widget agent' }).waitFor()
  await shown.getByRole('button', { name: 'Done' }).click()
  await expect.poll(() => page.content(), PATIENT).not.toContain(key)
  await page.reload()
  await row.getByText(key.slice(-4)).waitFor()
  expect(await page.content()).not.toContain(key)

  await row.getByRole('button', { name: 'Revoke Widget' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect.poll(() => row.count(), PATIENT).toBe(0)
  expect(await ask()).toBe(401)

  // The last admin key is kept, and the page explains why.
  await keys.getByRole('button', { name: /^Revoke / }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('dialog').getByRole('alert').waitFor()
}, 90_000)

it("sets a model's price and removes it", async () => {
  const page = await signedIn()
  await page.goto('/settings')
  const prices = page.getByRole('region', { name: 'Model prices' })
  await prices.getByRole('button', { name: 'Set price' }).click()
  await page.keyboard.type('local/writer')
  await prices.getByLabel('Input (USD)', { exact: false }).first().fill('0.5')
  await prices.getByLabel('Output (USD)', { exact: false }).fill('cheap')
  await page.keyboard.press('Enter')
  await prices.getByText('Enter a number, such as 2.5.').waitFor()
  await prices.getByLabel('Output (USD)', { exact: false }).fill('1.25')
  await page.keyboard.press('Enter')
  await prices.getByRole('row', { name: /local\/writer 0\.5 0\.5 1\.25/ }).waitFor()
  await prices.getByRole('button', { name: 'Remove the price of local/writer' }).click()
  await prices.getByText('No prices set.').waitFor()
}, 60_000)

it.each([
  { colorScheme: 'light', viewport: DESK },
  { colorScheme: 'dark', viewport: PHONE },
] as const)(
  'is accessible in $colorScheme',
  async (options) => {
    const page = await signedIn(options)
    await running().api('PUT', '/api/secrets/SHOP_TOKEN', { value: VALUE })
    await running().api('PUT', '/api/prices/local%2Fwriter', { input: 1, output: 2 })
    await page.goto('/settings')
    await page.getByRole('region', { name: 'Health' }).getByText('Workers alive').waitFor()
    await page.getByRole('button', { name: 'Add secret' }).click()
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('button', { name: 'Set price' }).click()
    await page.getByText('List prices of').click()
    expect([await fits(page), await faults(page)]).toEqual([true, []])
  },
  60_000,
)
