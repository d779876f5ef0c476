import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import type { Program } from './harness/program.ts'
import { CALLBACK_FIELDS } from '../ui/src/pages/webhook/callbackForm.ts'
import { FIELDS } from '../ui/src/pages/webhook/webhookForm.ts'
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
    const stored = page.getByLabel(/^Stored secrets?/)
    await page.getByText('Stored secrets: 2').waitFor()

    // Changing another field keeps them; one switch removes them.
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('All issues')
    await save(page)
    await page.getByText('Saved', { exact: true }).waitFor()
    expect(await read()).toMatchObject({ name: 'All issues', secrets: { count: 2 } })
    await page.goto(`/agents/${agentId}/webhooks/${webhookId}`)
    // A third beside the newest of them, then all go.
    await page.getByLabel(/^Secret( \*)?$/).fill('third secret')
    await stored.selectOption('Keep; a new secret is accepted as well, to rotate')
    await save(page)
    await page.getByText('Stored secrets: 3').waitFor()
    expect(await valueOf(page, 'Secret')).toBe('')
    await stored.selectOption('Keep only the newest')
    await save(page)
    await page.getByText('Stored secret', { exact: true }).waitFor()
    expect(await read()).toMatchObject({ secrets: { count: 1 } })
    await stored.selectOption('Remove')
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

  it('show every field of the contract', async () => {
    const { agentId, webhookId, read } = await makeAgent('Complete', {
      source: 'hmac',
      secrets: ['one', 'two'],
      dedupe: { from: 'json:/id' },
      split: '/items',
    })
    const page = await signedIn()
    await page.goto(`/agents/${agentId}/webhooks/${webhookId}`)
    const shown = new Set<string>()
    const look = async (): Promise<void> => {
      const found = await page
        .locator('[data-field]')
        .evaluateAll((elements) => elements.map((element) => element.getAttribute('data-field') ?? ''))
      for (const field of found) shown.add(field)
    }
    for (const name of ['Conversations and bursts', 'Response', 'Reply']) {
      await page
        .locator('section', { has: page.getByRole('heading', { name, exact: true }) })
        .locator('summary')
        .click()
    }
    await page.getByLabel('Conversation key').fill('payload.issue')
    await page.getByLabel('Burst key').fill('payload.repository')
    await page.getByLabel('Wait for others (seconds)').fill('2.5')
    await page.getByLabel('Respond with').selectOption('A custom response')
    await page.getByLabel('Headers').fill('Content-Type: text/xml')
    await page.getByRole('switch', { name: 'Custom body' }).press('Space')
    await page.getByLabel('Body', { exact: true }).fill('<task>{{ task_id }}</task>')
    await page.getByLabel('Expected every').fill('12h')
    const to = page.getByLabel('Reply to', { exact: true })
    for (const place of await to.locator('option').allInnerTexts()) {
      await to.selectOption(place)
      if (place !== 'No reply') await page.getByLabel('Reply when').selectOption('It succeeded or failed')
      await look()
    }
    const groups = ['reply']
    const expected = [...FIELDS, ...CALLBACK_FIELDS].filter((field) => !groups.includes(field))
    expect(expected.filter((field) => !shown.has(field))).toEqual([])
    expect(await faults(page)).toEqual([])

    await to.selectOption('Slack slash command')
    await save(page)
    await page.getByText('Saved', { exact: true }).waitFor()
    expect(await read()).toMatchObject({
      conversation: { key: 'payload.issue', while_running: 'queue', keep_days: 90 },
      coalesce: { key: 'payload.repository', window_seconds: 2.5, max: 100 },
      respond: { headers: { 'Content-Type': 'text/xml' }, body: '<task>{{ task_id }}</task>' },
      expect_every: '12h',
      reply: { to: 'slack_response_url', on: ['failure', 'success'], text: '{{ result.answer }}' },
    })

    // An error inside of what is folded opens it.
    await page.reload()
    await page.getByText('Slack slash command').first().waitFor()
    await program.api('PATCH', `/api/agents/${agentId}/webhooks/${webhookId}`, { callback: { url: null } })
    await page
      .locator('section', { has: page.getByRole('heading', { name: 'Reply', exact: true }) })
      .locator('summary')
      .click()
    await to.selectOption('Telegram')
    await page.locator('[data-field="reply/secret"]').fill('NOT_THERE')
    await save(page)
    await page.getByText(/there is no secret NOT_THERE/i).waitFor()
    await expect
      .poll(() => page.evaluate('document.activeElement.dataset.field'), PATIENT)
      .toBe('reply/secret')
  }, 60_000)

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

    // The receiver wants no more: the page says so, and switches it on again.
    receiver.handle(() => ({ status: 410 }))
    await send({ order: 2 })
    await page.getByText('Switched off by the receiver').waitFor({ timeout: 30_000 })
    expect(await faults(page)).toEqual([])
    await page.getByRole('button', { name: 'Switch on again' }).click()
    await page.getByText('Switched off by the receiver').waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'Delete callback' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Set callback' }).waitFor()
  }, 60_000)
})

describe('rejections', () => {
  it('are listed with their reason, filtered, and accepted as a task', async () => {
    const { agentId, send } = await makeAgent('Rejecting', { filter: 'payload.amount > 100' })
    await send({ amount: 7 }, { 'x-api-key': 'not to be shown' })
    const page = await signedIn()
    await page.goto(`/agents/${agentId}`)
    await page.getByText('Latest rejection: filtered out').waitFor()
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

  it('of one webhook are accepted on its page, once the cause is mended', async () => {
    const { agentId, webhookId, send } = await makeAgent('Mended', {
      payload_schema: { type: 'object', required: ['order'] },
    })
    expect((await send({ amount: 7 })).status).toBe(422)
    const page = await signedIn()
    await page.goto(`/agents/${agentId}/webhooks/${webhookId}`)
    const list = page.getByRole('list', { name: 'Rejections of this webhook' })
    await list.getByText('Payload does not match the schema').waitFor()
    expect(await faults(page)).toEqual([])
    await page.getByLabel('Payload schema').fill('')
    await save(page)
    await page.getByText('Saved', { exact: true }).waitFor()
    await list.getByRole('button', { name: 'Accept' }).click()
    await list.getByRole('link', { name: 'Accepted' }).click()
    await page.getByRole('group', { name: 'Payload' }).getByText('7').waitFor()
  })
})

describe('schedules', () => {
  it('are created, refused at their field, edited, run now and deleted', async () => {
    const { agentId } = await makeAgent('Scheduled')
    const page = await signedIn()
    await page.goto(`/agents/${agentId}`)
    await page.getByRole('navigation', { name: 'Parts' }).getByRole('link', { name: 'Schedules' }).click()
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
    await panel.getByRole('link', { name: 'Open task' }).waitFor()
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

  it('of all agents are on one page, where more are created', async () => {
    const { agentId } = await makeAgent('Reporter')
    const page = await signedIn()
    await page.goto('/')
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Schedules' }).click()
    await page.getByRole('button', { name: 'New schedule' }).first().click()
    await page.getByRole('combobox', { name: 'Agent' }).selectOption('Reporter')
    await page.getByLabel('Name').fill('Every morning')
    await page.getByLabel('Cron expression').fill('30 8 * * 1-5')
    await page.getByText('At 08:30, Monday through Friday').waitFor()
    await page.getByRole('combobox', { name: 'Time zone' }).fill('Europe/Berlin')
    await page.getByRole('button', { name: 'Create schedule' }).click()
    const row = page
      .getByRole('list', { name: 'Schedules' })
      .getByRole('listitem')
      .filter({ hasText: 'Every morning' })
    await row.getByText('At 08:30, Monday through Friday').waitFor()
    await row.getByText(/08:30 (CET|CEST|GMT\+[12])/).waitFor()
    await row.getByText('None yet').waitFor()
    expect([await fits(page), await faults(page)]).toEqual([true, []])
    const { body } = await program.api('GET', `/api/agents/${agentId}/schedules`)
    const path = `/api/agents/${agentId}/schedules/${body.data[0].id}`
    await program.api('POST', `${path}/trigger`)
    await program.api('PATCH', path, { enabled: false })
    await row.getByText('Success').waitFor({ timeout: 30_000 })
    await row.getByText('Paused').waitFor()
    await row.getByRole('link', { name: 'Last task' }).click()
    await page.waitForURL('**/tasks/*')
    await page.goBack()
    await row.getByText('Every morning').click()
    await page.getByRole('region', { name: 'Every morning' }).waitFor()
  }, 60_000)

  it('merge what two people change', async () => {
    const { agentId } = await makeAgent('Shared schedule')
    const { body } = await program.api('POST', `/api/agents/${agentId}/schedules`, {
      name: 'Daily',
      cron: '@daily',
    })
    const page = await signedIn()
    await page.goto(`/agents/${agentId}/schedules`)
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Name').fill('Every day')
    const path = `/api/agents/${agentId}/schedules/${body.id}`
    await program.api('PATCH', path, { cron: '0 7 * * *', name: 'Each day' })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    const merge = page.getByRole('alert', { name: 'This schedule was saved while you were editing' })
    await merge.getByText('Each day').waitFor()
    expect(await faults(page)).toEqual([])
    await merge.getByRole('button', { name: 'Merge changes' }).click()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('region', { name: 'Every day' }).getByText('0 7 * * *').waitFor()
    expect((await program.api('GET', path)).body).toMatchObject({ name: 'Every day', cron: '0 7 * * *' })
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
      ['/schedules', 'Daily'],
    ]
    for (const [path, sign] of pages) {
      await page.goto(path)
      await page.getByText(sign).filter({ visible: true }).first().waitFor()
      expect([path, await fits(page), await faults(page)]).toEqual([path, true, []])
    }
  }, 60_000)
})
