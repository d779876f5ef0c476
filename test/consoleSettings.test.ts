import { expect, it } from 'vitest'
import { readBody, startHttpServer } from './harness/httpServer.ts'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'

const { program: running, signedIn } = openConsole({
  env: { BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8' },
})

const VALUE = 'value-that-is-never-shown'

it('sets, replaces and deletes a secret, and never shows its value', async () => {
  const program = running()
  const page = await signedIn()
  await page.keyboard.press('g')
  await page.keyboard.press('s')
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Secrets' }).click()
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
  await page.goto('/settings/api-keys')
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
  await page.goto('/settings/prices')
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
    const isFine = async () => expect([await fits(page), await faults(page)]).toEqual([true, []])
    await page.goto('/settings/health')
    await page.getByRole('region', { name: 'Health' }).getByText('Workers alive').waitFor()
    await isFine()
    await page.goto('/settings/secrets')
    await page.getByRole('button', { name: 'Add secret' }).click()
    await isFine()
    await page.goto('/settings/api-keys')
    await page.getByRole('button', { name: 'Create key' }).click()
    await isFine()
    await page.goto('/settings/prices')
    await page.getByRole('button', { name: 'Set price' }).click()
    await page.getByText('List prices of').click()
    await isFine()
  },
  90_000,
)

it('creates an admin key with a role', async () => {
  const program = running()
  const page = await signedIn({ viewport: DESK })
  await page.goto('/settings/api-keys')
  const keys = page.getByRole('region', { name: 'API keys' })
  await keys.getByRole('button', { name: 'Create key' }).click()
  const form = keys.getByRole('form', { name: 'Create key' })
  await form.getByLabel('Name').fill('Dashboard')
  await form.getByRole('radio', { name: 'Admin' }).check()
  await form.getByRole('combobox', { name: 'Role' }).selectOption('viewer')
  expect(await faults(page)).toEqual([])
  await form.getByRole('button', { name: 'Create key' }).click()
  const shown = keys.getByRole('group', { name: 'New API key' })
  const key = /bw_admin_[\w-]{43}/.exec(await shown.innerText())?.[0] ?? ''
  await keys
    .getByRole('listitem')
    .filter({ hasText: 'Dashboard' })
    .getByText('Admin, viewer', { exact: false })
    .waitFor()
  const change = await fetch(`${program.url}/api/secrets/X`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{"value":"x"}',
  })
  expect(change.status).toBe(403)
})

it('keeps the line breaks of a key in PEM', async () => {
  const page = await signedIn()
  await page.goto('/settings/secrets')
  await page.getByRole('button', { name: 'Add secret' }).click()
  const form = page.getByRole('form', { name: 'Add secret' })
  await form.getByLabel('Name').fill('SIGNING_KEY')
  await form.getByLabel('Several lines', { exact: false }).check()
  const pem = '-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\n'
  await form.locator('textarea[data-field=value]').fill(pem)
  const sent = page.waitForRequest((request) => request.method() === 'PUT')
  await form.getByRole('button', { name: 'Save secret' }).click()
  expect((await sent).postDataJSON()).toEqual({ value: pem })
  await page.getByRole('listitem').filter({ hasText: 'SIGNING_KEY' }).waitFor()
}, 60_000)

it('sets the daily budget, and merges with what somebody else has set', async () => {
  const program = running()
  const page = await signedIn()
  await page.goto('/settings/budgets')
  const form = page.getByRole('form', { name: 'Daily budget' })
  await form.getByLabel('Max cost a day').fill('cheap')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('Enter a number, or leave it empty for no limit.').waitFor()
  await form.getByLabel('Max cost a day').fill('0')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect
    .poll(() => form.getByLabel('Max cost a day').getAttribute('aria-invalid'), PATIENT)
    .toBe('true')
  await form.getByLabel('Max cost a day').fill('50')
  expect((await program.api('PUT', '/api/budget', { max_tokens_per_day: 1000 })).status).toBe(200)
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByRole('button', { name: 'Merge changes' }).click()
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('Saved', { exact: true }).waitFor()
  expect((await program.api('GET', '/api/budget')).body).toMatchObject({
    max_cost_usd_per_day: 50,
    max_tokens_per_day: 1000,
  })
  await program.api('PUT', '/api/budget', {})
}, 60_000)

it('adds a channel for notices, sends a test, and sets quiet hours', async () => {
  const received: string[] = []
  let status = 503
  const server = await startHttpServer(async (request, response) => {
    received.push(await readBody(request))
    response.writeHead(status).end()
  })
  try {
    const page = await signedIn()
    await page.goto('/settings/notices')
    const channels = page.getByRole('region', { name: 'Channels' })
    await channels.getByText('No channels yet', { exact: false }).waitFor()
    await channels.getByRole('button', { name: 'Add channel' }).click()
    const form = channels.getByRole('form', { name: 'Add channel' })
    await form.getByLabel('Type').selectOption('Webhook')
    await form.getByLabel('Name').fill('Pager')
    await form.getByRole('button', { name: 'Add channel' }).click()
    await form.getByText('Is required for a new channel').waitFor()
    await form.getByLabel('URL').fill(`${server.origin}/secret-path`)
    await form.getByLabel('Failing agents').check()
    expect(await faults(page)).toEqual([])
    await form.getByRole('button', { name: 'Add channel' }).click()
    await channels
      .getByRole('group', { name: 'Signing secret' })
      .getByText('It is shown only once', { exact: false })
      .waitFor()
    await channels.getByRole('button', { name: 'Done' }).click()
    const row = channels.getByRole('listitem').filter({ hasText: 'Pager' })
    await row.getByText('Gets failing agents').waitFor()
    expect(await page.content()).not.toContain('secret-path')

    await row.getByRole('button', { name: 'Send a test to Pager' }).click()
    await row.getByText('The test was not delivered').waitFor()
    status = 204
    await row.getByRole('button', { name: 'Send a test to Pager' }).click()
    await row.getByText('The test was delivered').waitFor()
    expect(received).toHaveLength(2)

    const causes = page.getByRole('form', { name: 'Causes of notices' })
    await causes.getByLabel('Failures in a row').fill('200')
    await causes.getByRole('switch', { name: 'Quiet hours' }).check()
    await causes.getByLabel('To', { exact: true }).fill('7')
    await causes.getByRole('button', { name: 'Save' }).click()
    await causes.getByText('a time of day such as 22:00', { exact: false }).waitFor()
    await causes.getByLabel('To', { exact: true }).fill('07:30')
    await causes.getByLabel('Failures in a row').fill('5')
    await causes.getByRole('button', { name: 'Save' }).click()
    await causes.getByText('Saved', { exact: true }).waitFor()
    const { body } = await running().api('GET', '/api/notices')
    expect(body).toMatchObject({
      channels: [{ type: 'webhook', name: 'Pager', kinds: ['failures'] }],
      failures_in_a_row: 5,
      quiet_hours: { from: '22:00', to: '07:30' },
    })
    // The channel still has its URL.
    await row.getByRole('button', { name: 'Send a test to Pager' }).click()
    await expect.poll(() => received.length, PATIENT).toBe(3)
    await row.getByRole('button', { name: 'Remove Pager' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await channels.getByText('No channels yet', { exact: false }).waitFor()
  } finally {
    await server.stop()
  }
}, 120_000)

it.each([
  { colorScheme: 'light', viewport: DESK },
  { colorScheme: 'dark', viewport: PHONE },
] as const)(
  'shows budgets, notices and retention to everybody in $colorScheme',
  async (options) => {
    const page = await signedIn(options)
    const isFine = async () => expect([await fits(page), await faults(page)]).toEqual([true, []])
    await page.goto('/settings/budgets')
    await page.getByText('Cost today').waitFor()
    await isFine()
    await page.goto('/settings/retention')
    await page.getByText('BELLWIRE_KEEP_TASKS_DAYS').waitFor()
    await isFine()
    await page.goto('/settings/notices')
    await page.getByRole('button', { name: 'Add channel' }).click()
    await page.getByRole('switch', { name: 'Quiet hours' }).check()
    await isFine()
    await page.goto('/settings/nowhere')
    await page.getByText('Page not found').waitFor()
  },
  90_000,
)
