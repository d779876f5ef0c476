import { expect, it } from 'vitest'
import { faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import { fail, startModelServer } from './harness/modelServer.ts'
import { startProgram } from './harness/program.ts'

const { newPage, program: running, signedIn } = openConsole()

it('is the start page, and has no alerts while there is nothing to do', async () => {
  const page = await signedIn()
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  await page.getByText('Nothing needs you right now.').waitFor()
  await page.getByRole('heading', { name: 'No tasks in this period' }).waitFor()
  await page.getByText('Workers alive').waitFor()
  expect([await fits(page), await faults(page)]).toEqual([true, []])
  const stranger = await newPage()
  await stranger.goto('/?period=7d')
  await stranger.getByLabel('Admin key').fill(running().adminKey)
  await stranger.keyboard.press('Enter')
  await stranger.waitForURL('**/?period=7d')
  await stranger.getByText('the last 7 days').waitFor()
})

it('shows what fails and why, with a fix', async ({ onTestFinished }) => {
  const model = await startModelServer()
  onTestFinished(() => model.stop())
  const program = await startProgram({ env: { LOCAL_MODEL_BASE_URL: model.url } })
  onTestFinished(() => program.remove())
  model.handle(() => fail(401, 'Incorrect API key provided.'))
  const { body: agent } = await program.api('POST', '/api/agents', {
    name: 'Locked out',
    instructions: 'Write.',
    model: 'local/writer',
  })
  const { body: webhook } = await program.api('GET', `/api/agent_webhook?id=${agent.id}`)
  const url = program.url + new URL(webhook.webhook_url).pathname
  for (const question of ['One?', 'Two?']) {
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=20' },
      body: JSON.stringify({ question }),
    })
  }

  const page = await signedIn({}, program)
  const attention = page.getByRole('region', { name: 'Needs attention' })
  await attention.getByText('2 failed: the model provider rejected the API key').waitFor({ timeout: 30_000 })
  await attention.getByRole('link', { name: 'Locked out' }).waitFor()
  await attention.getByText('Set a valid key under Settings, Providers, or in the environment.').waitFor()
  // The chart has the same values in a table.
  await page.getByText('Show as table').click()
  const rows = page.getByRole('row').filter({ hasText: '2' })
  await expect.poll(() => rows.count(), PATIENT).toBeGreaterThan(0)
  expect([await fits(page), await faults(page)]).toEqual([true, []])

  await page.getByRole('radiogroup', { name: 'Period' }).getByText('1 h').click()
  await page.waitForURL('**/?period=1h')
  await page.setViewportSize(PHONE)
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect
    .poll(() => page.evaluate('document.documentElement.dataset.mantineColorScheme'), PATIENT)
    .toBe('dark')
  await attention.waitFor()
  expect([await fits(page), await faults(page)]).toEqual([true, []])
  await attention.getByRole('link', { name: 'Show tasks' }).click()
  await page.waitForURL(/\/tasks\?.*FAILURE/)
}, 120_000)
