import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import type { Program } from './harness/program.ts'
import { startToolServer } from './harness/toolServer.ts'

const { program: running, signedIn } = openConsole({
  env: { BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8' },
})
let program: Program
beforeAll(() => {
  program = running()
})

/** An agent with one webhook. */
async function makeAgent(name: string, settings: object = {}) {
  const { body: agent } = await program.api('POST', '/api/agents', {
    name,
    instructions: '',
    model: 'demo/assistant',
  })
  const { body: webhook } = await program.api('POST', `/api/agents/${agent.id}/webhooks`, {
    name: 'Shop',
    ...settings,
  })
  const path = `/api/agents/${agent.id}/webhooks/${webhook.id}`
  const read = async () => (await program.api('GET', path)).body
  const send = (payload: unknown, headers: Record<string, string> = {}) =>
    fetch(webhook.url.replace('localhost', '127.0.0.1'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(payload),
    })
  return { agentId: agent.id, webhookId: webhook.id, url: webhook.url, read, send }
}

/** The value of an input. */
const valueOf = (page: Page, label: string) => page.getByLabel(label, { exact: true }).inputValue()

const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).click()

describe('the settings of a webhook', () => {
  it('show the source with its setup steps, keep a secret, and never show the URL', async () => {
    const { agentId, webhookId, url, read } = await makeAgent('Sourced')
    const page = await signedIn()
    await page.goto(`/agents/${agentId}`)
    await page.getByRole('main').getByRole('link', { name: 'Settings' }).click()
    await page.getByLabel('Source', { exact: true }).selectOption('GitHub')
    const setup = page.getByRole('region', { name: 'Setup: GitHub' })
    await setup.getByText('Payload URL: this webhook’s URL').waitFor()
    expect(await page.locator('body').innerHTML()).not.toContain(url.split('/').at(-1))
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Issues')
    await page.getByLabel(/^Secret( \*)?$/).fill('first secret')
    await page.getByRole('button', { name: 'Another secret' }).click()
    await page.getByLabel('Secret (2)').fill('second secret')
    await save(page)
    await page.getByText('Saved', { exact: true }).waitFor()
    expect(await read()).toMatchObject({ name: 'Issues', source: 'github', secrets: { count: 2 } })
    expect(await page.locator('body').innerHTML()).not.toContain('first secret')
    expect(await valueOf(page, 'Secret')).toBe('')
    await page.getByText('2 secrets stored').waitFor()

    // Changing another field keeps them; one switch removes them.
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('All issues')
    await save(page)
    await page.getByText('Saved', { exact: true }).waitFor()
    expect(await read()).toMatchObject({ name: 'All issues', secrets: { count: 2 } })
    await page.goto(`/agents/${agentId}/webhooks/${webhookId}`)
    await page.getByRole('switch', { name: 'Remove stored secrets' }).press('Space')
    await save(page)
    await page.getByText('No secret stored.').waitFor()
    expect(await read()).toMatchObject({ secrets: { count: 0 } })
  })

  it('show API errors at their fields, and send only changes', async () => {
    const { agentId, webhookId, read } = await makeAgent('Strict')
    const page = await signedIn()
    await page.goto(`/agents/${agentId}/webhooks/${webhookId}`)
    await page.getByLabel('Payload schema').fill('[')
    await save(page)
    await page.getByText(/Invalid JSON/).waitFor()
    await page.getByLabel('Payload schema').fill('{ "type": "nonsense" }')
    await page.getByLabel('Filter', { exact: true }).fill('payload.action ==')
    await page.getByLabel('Rate limit (requests)').fill('0')
    await page.getByLabel('Per (seconds)').fill('60')
    await save(page)
    await page.getByText('Not saved: fix the marked fields').waitFor()
    await expect
      .poll(() => page.evaluate('document.activeElement.dataset.field'), PATIENT)
      .toBe('rate_limit/requests')
    await page.getByLabel('Rate limit (requests)').fill('5')
    await save(page)
    await expect.poll(() => page.evaluate('document.activeElement.dataset.field'), PATIENT).toBe('filter')
    expect(await page.getByLabel('Payload schema').getAttribute('aria-invalid')).toBe('true')
    expect(await faults(page)).toEqual([])

    await page.getByLabel('Filter', { exact: true }).fill('payload.action == "opened"')
    await page.getByLabel('Payload schema').fill('{ "type": "object" }')
    await page.getByLabel('Requests are the same by').selectOption('A field of the payload')
    await page.getByLabel('JSON pointer', { exact: true }).fill('/id')
    await page.getByLabel('Remembered for (seconds)').fill('3600')
    await page.getByLabel('Methods').selectOption('POST only')
    await page.getByLabel('Trusted authors').fill('payload.member')
    await page.getByRole('switch', { name: 'Hold tasks' }).press('Space')
    // Someone else changes another field in the meantime.
    await program.api('PATCH', `/api/agents/${agentId}/webhooks/${webhookId}`, { loop_limit: 7 })
    await save(page)
    await page.getByRole('button', { name: 'Merge changes' }).click()
    await save(page)
    await page.getByText('Saved', { exact: true }).waitFor()
    expect(await read()).toMatchObject({
      filter: 'payload.action == "opened"',
      payload_schema: { type: 'object' },
      dedupe: { from: 'json:/id', ttl_seconds: 3600 },
      methods: ['POST'],
      trusted: 'payload.member',
      hold: true,
      rate_limit: { requests: 5, per_seconds: 60 },
      loop_limit: 7,
    })

    await page.getByLabel('Filter', { exact: true }).fill('')
    await page.getByLabel('Requests are the same by').selectOption('The sender’s own event ID')
    await page.getByLabel('Rate limit (requests)').fill('')
    await page.getByLabel('Per (seconds)').fill('')
    await save(page)
    await page.getByText('Saved', { exact: true }).waitFor()
    const after = await read()
    for (const field of ['filter', 'dedupe', 'rate_limit']) expect(after).not.toHaveProperty(field)
  })

  it('try a filter on past requests', async () => {
    const { agentId, webhookId, send } = await makeAgent('Tried')
    await send({ action: 'opened' })
    await send({ action: 'closed' })
    const page = await signedIn()
    await page.goto(`/agents/${agentId}/webhooks/${webhookId}`)
    const button = page.getByRole('button', { name: 'Try on past requests' })
    await page.getByLabel('Filter', { exact: true }).fill('payload.action ==')
    await button.click()
    await expect
      .poll(() => page.getByLabel('Filter', { exact: true }).getAttribute('aria-invalid'), PATIENT)
      .toBe('true')
    await page.getByLabel('Filter', { exact: true }).fill('payload.action == "opened"')
    await button.click()
    const result = page.getByRole('group', { name: 'Result of the try' })
    await result.getByText('1 of 2 would start the agent.').waitFor()
    expect(await result.getByRole('row').count()).toBe(3)
    expect(await faults(page)).toEqual([])
  })

  it('set a callback, show its secret once, and list its deliveries with a resend', async ({
    onTestFinished,
  }) => {
    const receiver = await startToolServer()
    onTestFinished(() => receiver.stop())
    const { agentId, webhookId, send } = await makeAgent('Calling')
    const page = await signedIn()
    await page.goto(`/agents/${agentId}/webhooks/${webhookId}`)
    await page.getByLabel('Callback URL').fill('ftp://nowhere')
    await page.getByRole('button', { name: 'Set callback' }).click()
    await page.getByText(/use an http or https URL/i).waitFor()
    await page.getByLabel('Callback URL').fill(`${receiver.url}/done`)
    await page.getByRole('button', { name: 'Set callback' }).click()
    await page.getByText('Copy the signing secret now').waitFor()
    const secret = page.getByRole('group', { name: 'Signing secret' })
    const first = await secret.innerText()
    expect(first).toMatch(/^whsec_/)
    await page.getByRole('button', { name: 'Rotate secret' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click()
    await expect.poll(() => secret.innerText(), PATIENT).not.toBe(first)
    await page.reload()
    await page.getByRole('button', { name: 'Rotate secret' }).waitFor()
    expect(await secret.count()).toBe(0)

    await send({ order: 1 })
    const deliveries = page.getByRole('list', { name: 'Deliveries' })
    await deliveries.getByText('Delivered').waitFor({ timeout: 30_000 })
    await deliveries.getByText('task.succeeded').click()
    await deliveries.getByText('HTTP 200').waitFor()
    await deliveries.getByRole('group', { name: 'Body sent' }).waitFor()
    expect(await faults(page)).toEqual([])
    await deliveries.getByRole('button', { name: 'Resend' }).click()
    await expect.poll(() => receiver.requests.length, PATIENT).toBe(2)
    await expect.poll(() => deliveries.getByText('HTTP 200').count(), PATIENT).toBe(2)

    await page.getByRole('button', { name: 'Delete callback' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Set callback' }).waitFor()
  }, 60_000)
})

describe('rejections', () => {
  it('are listed with their reason, filtered, and accepted as a task', async () => {
    const { agentId, webhookId, send } = await makeAgent('Rejecting', { filter: 'payload.amount > 100' })
    await send({ amount: 7 }, { 'x-api-key': 'not to be shown' })
    const page = await signedIn()
    await page.goto(`/agents/${agentId}/webhooks/${webhookId}`)
    await page.getByRole('link', { name: 'Rejections of this webhook' }).click()
    const rows = page.getByRole('list', { name: 'Rejections' }).getByRole('listitem')
    await rows.getByText('Filtered out').waitFor()
    expect(await faults(page)).toEqual([])
    await page.getByLabel('Reason').selectOption('No signature')
    await page.getByText('No rejections match').waitFor()
    await page.getByLabel('Reason').selectOption('Filtered out')
    await page.waitForURL('**/rejections?reason=filtered&**')
    await rows.getByText('Filtered out').click()

    await page.getByRole('heading', { name: 'Filtered out', level: 1 }).waitFor()
    await page.getByRole('group', { name: 'Body' }).getByText('7').waitFor()
    await page.getByRole('group', { name: 'Headers' }).getByText('"***"').first().waitFor()
    expect(await page.locator('body').innerHTML()).not.toContain('not to be shown')
    expect(await faults(page)).toEqual([])
    await page.getByRole('button', { name: 'Accept' }).click()
    await page.getByText('Accepted as a task').waitFor()
    await page.getByRole('link', { name: 'Open task' }).click()
    await page.getByRole('group', { name: 'Payload' }).getByText('7').waitFor()
    await page.goto('/rejections')
    await rows.getByText('Accepted').first().waitFor()
  })
})

describe('schedules', () => {
  it('are created, refused at their field, edited, run now and deleted', async () => {
    const { agentId } = await makeAgent('Scheduled')
    const page = await signedIn()
    await page.goto(`/agents/${agentId}`)
    await page.getByRole('link', { name: 'Schedules' }).click()
    await page.getByRole('button', { name: 'New schedule' }).click()
    await page.getByLabel('Name').fill('Morning report')
    await page.getByLabel('Cron expression').fill('61 9 * * *')
    await page.getByRole('combobox', { name: 'Time zone' }).fill('Europe/Berlin')
    await page.getByRole('button', { name: 'Create schedule' }).click()
    await expect.poll(() => page.evaluate('document.activeElement.dataset.field'), PATIENT).toBe('cron')
    expect(await faults(page)).toEqual([])
    await page.getByLabel('Cron expression').fill('0 9 * * 1-5')
    await page.getByRole('button', { name: 'Create schedule' }).click()
    const panel = page.getByRole('region', { name: 'Morning report' })
    await panel.getByText('0 9 * * 1-5').waitFor()
    expect(await panel.getByText(/, 09:00 (CET|CEST|GMT\+[12])/).count()).toBe(5)

    await panel.getByRole('button', { name: 'Run now' }).click()
    await panel.getByText('Started').waitFor()
    const read = async () => (await program.api('GET', `/api/agents/${agentId}/schedules`)).body.data[0]
    await panel.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Payload').fill('{ "question": "What is new?" }')
    await page.getByRole('switch', { name: 'Allow overlap' }).press('Space')
    await panel.getByRole('button', { name: 'Save' }).click()
    await panel.getByText('unless the previous task is unfinished').waitFor()
    expect(await read()).toMatchObject({ payload: { question: 'What is new?' }, overlap: false })
    await panel.getByRole('switch').press('Space')
    await panel.getByText('None while it is off').waitFor()
    expect(await faults(page)).toEqual([])

    await panel.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('No schedules yet').waitFor()
  })

  it('show why a beat was skipped', async () => {
    const { agentId } = await makeAgent('Skipping')
    const endless = '{% for i in (1..1000000000) %}{{ beat.time }}{% endfor %}'
    const { status } = await program.api('POST', `/api/agents/${agentId}/schedules`, {
      name: 'Every second',
      cron: '* * * * * *',
      payload: [endless],
    })
    expect(status).toBe(201)
    const page = await signedIn()
    await page.goto(`/agents/${agentId}/schedules`)
    await page.getByText(/could not be rendered/).waitFor({ timeout: 30_000 })
  }, 60_000)
})

describe.each([
  { colorScheme: 'light', viewport: DESK },
  { colorScheme: 'dark', viewport: PHONE },
] as const)('in $colorScheme', (options) => {
  it(`the pages can be used by everybody, and fit ${options.viewport.width} pixels`, async () => {
    const { agentId, webhookId, send } = await makeAgent('Filled', {
      source: 'hmac',
      filter: 'payload.amount > 100',
      dedupe: { from: 'json:/id' },
      split: '/items',
    })
    await send({ amount: 7 })
    await program.api('POST', `/api/agents/${agentId}/schedules`, { name: 'Daily', cron: '@daily' })
    const { body: rejections } = await program.api('GET', `/api/rejections?webhook_id=${webhookId}`)
    const page = await signedIn(options)
    const pages: [path: string, sign: string][] = [
      [`/agents/${agentId}/webhooks/${webhookId}`, 'Nothing sent yet'],
      ['/rejections', 'No secret set'],
      [`/rejections/${rejections.data[0].id}`, 'Reason code'],
      [`/agents/${agentId}/schedules`, 'Next beats'],
    ]
    for (const [path, sign] of pages) {
      await page.goto(path)
      await page.getByText(sign).filter({ visible: true }).first().waitFor()
      expect([path, await fits(page), await faults(page)]).toEqual([path, true, []])
    }
  }, 60_000)
})
