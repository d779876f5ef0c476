import { afterAll, beforeAll, expect, it } from 'vitest'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import { startModelServer, type ModelServer } from './harness/modelServer.ts'

const KEY = 'sk-lab-0123456789abcdef'

const { program: running, signedIn } = openConsole()

let model: ModelServer

beforeAll(async () => {
  model = await startModelServer()
})
afterAll(() => model.stop())

it('adds a provider whose key is tested first, and an agent runs with it', async () => {
  model.requireKey(KEY)
  const page = await signedIn()
  // The newcomer has the demo model alone, and is led here.
  await page.getByRole('link', { name: 'Add a model provider' }).click()
  const panel = page.getByRole('region', { name: 'Providers' })
  await panel.getByText('No providers yet.', { exact: false }).waitFor()
  await panel.getByRole('button', { name: 'Add provider' }).click()
  await panel.getByLabel('Provider', { exact: true }).selectOption('Groq')
  const form = panel.getByRole('form', { name: 'Add provider' })
  expect(await form.getByLabel('Base URL').inputValue()).toBe('https://api.groq.com/openai/v1')
  await form.getByLabel('Base URL').fill(model.url)
  await form.getByRole('button', { name: 'Test' }).click()
  await form.getByText('Enter a key.').waitFor()

  await form.getByLabel('Name').fill('My lab')
  await form.locator('input[type=password]').fill('sk-wrong-0123456789')
  await form.getByRole('button', { name: 'Test' }).click()
  await form.getByText('Use lower-case letters', { exact: false }).waitFor()
  await form.getByLabel('Name').fill('lab')
  await form.getByRole('button', { name: 'Test' }).click()
  const refusal = form.getByRole('alert').filter({ hasText: 'The provider rejects the key' })
  await refusal.getByText('answered 401: Incorrect API key provided').waitFor()
  expect(await faults(page)).toEqual([])

  await form.locator('input[type=password]').fill(KEY)
  await form.getByRole('button', { name: 'Test' }).click()
  await form.getByText('The provider works').waitFor()
  await form.getByText('The key is accepted.').waitFor()
  await form.getByRole('row', { name: /lab\/test-model/ }).waitFor()
  await form.getByRole('button', { name: 'Add provider' }).click()
  const row = panel.getByRole('listitem').filter({ hasText: 'key set' })
  await row.getByText('1 model').waitFor()
  expect(await page.content()).not.toContain(KEY)

  const { body: agent } = await running().api('POST', '/api/agents', {
    name: 'Lab agent',
    instructions: 'Help.',
    model: 'lab/test-model',
  })
  const { body: hook } = await running().api('GET', `/api/agent_webhook?id=${agent.id}`)
  const started = await fetch(hook.webhook_url.replace('localhost', '127.0.0.1'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"question":"Are you there?"}',
  })
  const { task_id: task } = (await started.json()) as { task_id: string }
  const state = async () => (await running().api('GET', `/api/tasks/${task}`)).body.state
  await expect.poll(state, { timeout: 20_000 }).toBe('SUCCESS')
  expect(model.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`)

  // It says who uses it before it is deleted.
  await page.reload()
  await row.getByRole('link', { name: 'Lab agent' }).waitFor()
  await row.getByRole('button', { name: 'Delete lab' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Used by Lab agent.', { exact: false }).waitFor()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await expect.poll(() => row.count(), PATIENT).toBe(0)
  model.reset()
}, 120_000)

it('merges what somebody else has changed meanwhile', async () => {
  await running().api('PUT', '/api/providers/lab', { kind: 'openai_compatible', base_url: model.url })
  const page = await signedIn()
  await page.goto('/settings/providers')
  await page.getByRole('button', { name: 'Edit lab' }).click()
  const form = page.getByRole('form', { name: 'Edit lab' })
  await form.getByText('More settings').click()
  await form.getByLabel('Images of tools').selectOption('never')
  const other = { kind: 'openai_compatible', base_url: model.url, schema_with_tools: 'response_format' }
  expect((await running().api('PUT', '/api/providers/lab', other)).status).toBe(200)
  await form.getByRole('button', { name: 'Save' }).click()
  const merge = form.getByRole('alert', { name: 'Somebody else has changed this provider' })
  await merge.getByRole('button', { name: 'Merge changes' }).click()
  await form.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => form.count(), PATIENT).toBe(0)
  expect((await running().api('GET', '/api/providers/lab')).body).toMatchObject({
    schema_with_tools: 'response_format',
    images: 'never',
  })
}, 90_000)

it.each([
  { colorScheme: 'light', viewport: DESK },
  { colorScheme: 'dark', viewport: PHONE },
] as const)(
  'can be used by everybody in $colorScheme, and shows a provider that is away',
  async (options) => {
    await running().api('PUT', '/api/providers/away', {
      kind: 'openai_compatible',
      base_url: 'http://127.0.0.1:1/v1',
      headers: { 'x-team': 'blue' },
    })
    const page = await signedIn(options)
    await page.goto('/settings/providers')
    await page.getByText('The provider cannot be reached', { exact: false }).waitFor()
    await page.getByRole('button', { name: 'Edit away' }).click()
    await page.getByRole('button', { name: 'Test away' }).click()
    await page.getByRole('button', { name: 'Add provider' }).first().click()
    expect([await fits(page), await faults(page)]).toEqual([true, []])
  },
  60_000,
)
