import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import { callTools, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startProgram, type Program } from './harness/program.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

const { signedIn } = openConsole()

let model: ModelServer
let tools: ToolServer
let program: Program

beforeAll(async () => {
  ;[model, tools] = await Promise.all([startModelServer(), startToolServer()])
  program = await startProgram({
    env: { LOCAL_MODEL_BASE_URL: model.url, BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8' },
  })
}, 90_000)
afterAll(async () => {
  await program?.remove()
  await Promise.all([model?.stop(), tools?.stop()])
})
beforeEach(() => {
  model.reset()
  tools.reset()
  model.handle(({ body }) => {
    const hasPaid = body.messages.some(({ role }) => role === 'assistant')
    return hasPaid ? say('Paid back.') : callTools([{ name: 'refund', arguments: { order: '1024' } }])
  })
})

const PAYLOAD = { action: 'opened', issue: { title: 'Error 5', labels: [{ name: 'bug' }] }, order: 1024 }

/** An agent with a write tool, that has received one request. */
async function makeAgent(config: object = {}): Promise<{ id: string; taskId: string }> {
  const refund = {
    type: 'http',
    name: 'refund',
    description: 'Pays back.',
    method: 'POST',
    url: `${tools.url}/refunds`,
    access: 'write',
    parameters: { type: 'object', properties: { order: { type: 'string' } } },
  }
  const { body: agent } = await program.api('POST', '/api/agents', {
    name: 'Refunds',
    instructions: 'Help.',
    message: 'Title: {{ payload.issue.title }}',
    model: 'local/clerk',
    tools: [refund],
    ...config,
  })
  const { body: webhook } = await program.api('GET', `/api/agent_webhook?id=${agent.id}`)
  const response = await fetch(new URL(new URL(webhook.webhook_url).pathname, program.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(PAYLOAD),
  })
  const { task_id: taskId } = (await response.json()) as { task_id: string }
  await waitFor(async () => (await program.api('GET', `/api/tasks/${taskId}`)).body.state === 'SUCCESS')
  return { id: agent.id, taskId }
}

/** The form of an agent, with its editors loaded. */
async function configure(
  id: string,
  options: Parameters<typeof signedIn>[0] = { viewport: DESK },
): Promise<Page> {
  const page = await signedIn(options, program)
  await page.goto(`/agents/${id}/configure`)
  await page.locator('.cm-content[data-field="message"]').waitFor()
  return page
}

/** Takes the chosen completion. By the pointer: for a moment after the list has opened, Enter still breaks the line. */
async function accept(page: Page): Promise<void> {
  await page.locator('.cm-tooltip-autocomplete [aria-selected="true"]').click()
}

const editor = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true })

it('edits templates and JSON like any other field: with the keyboard, errors and a phone', async () => {
  const { id } = await makeAgent()
  const page = await configure(id)
  // Tab leads on, and not into the text.
  await editor(page, 'Instructions').click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(' Be {% if payload.order %}quick{% endif %}.')
  await page.keyboard.press('Tab')
  await expect.poll(() => page.evaluate('document.activeElement.dataset.field'), PATIENT).toBe('message')
  expect(await editor(page, 'Instructions').innerText()).toBe(
    'Help. Be {% if payload.order %}quick{% endif %}.',
  )

  const schema = editor(page, 'Output schema')
  await schema.fill('{ "type": }')
  await page.getByText('Invalid JSON at line 1, column 11.').waitFor()
  await page.locator('.cm-lintRange-error').waitFor()
  expect(await schema.getAttribute('aria-invalid')).toBe('true')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect
    .poll(() => page.evaluate('document.activeElement.dataset.field'), PATIENT)
    .toBe('output_schema')
  const described = (await schema.getAttribute('aria-describedby')) ?? ''
  expect(await page.locator(`[id="${described.split(' ').at(-1)}"]`).innerText()).toContain('Invalid JSON')
  expect(await faults(page)).toEqual([])
  // What was typed can be taken back, also after all was replaced.
  await schema.fill('{ "type": "object" }')
  await page.getByText('Invalid JSON at').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Live revision: 2').waitFor()
  const { body } = await program.api('GET', `/api/agents/${id}`)
  expect(body).toMatchObject({
    instructions: 'Help. Be {% if payload.order %}quick{% endif %}.',
    output_schema: { type: 'object' },
  })
  // Discard gives the editors what was saved.
  await editor(page, 'Message').fill('Other')
  await page.getByRole('button', { name: 'Discard', exact: true }).click()
  await expect
    .poll(() => editor(page, 'Message').innerText(), PATIENT)
    .toBe('Title: {{ payload.issue.title }}')

  const phone = await configure(id, { viewport: PHONE, colorScheme: 'dark' })
  expect(await fits(phone)).toBe(true)
  expect(await faults(phone)).toEqual([])
}, 90_000)

it('is a plain text area while its code cannot be loaded, and keeps what is typed when it can', async () => {
  const { id } = await makeAgent()
  const page = await signedIn({ viewport: DESK }, program)
  let isHeld = true
  const held: (() => void)[] = []
  await page.route('**/EditorSurface-*.js', async (route) => {
    if (isHeld) await new Promise<void>((resolve) => held.push(resolve))
    await route.continue()
  })
  await page.goto(`/agents/${id}/configure`)
  const message = editor(page, 'Message')
  await message.fill('Order {{ payload.order }}')
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('The ')
  await page.getByRole('group', { name: 'User message' }).getByText('The Order 1024').waitFor()
  expect(await faults(page)).toEqual([])
  isHeld = false
  for (const release of held) release()
  await page.locator('.cm-content[data-field="message"]').waitFor()
  // The cursor is where it was.
  await page.keyboard.type('open ')
  await expect.poll(() => message.innerText(), PATIENT).toBe('The open Order {{ payload.order }}')
})

it('completes what the last request has', async () => {
  const { id } = await makeAgent()
  const page = await configure(id)
  const message = editor(page, 'Message')
  await message.fill('')
  await message.pressSequentially('{{ payload.')
  const options = page.getByRole('listbox').getByRole('option')
  const texts = () => options.allInnerTexts()
  await expect
    .poll(texts, PATIENT)
    .toEqual([
      expect.stringMatching(/^action\s*string "opened"$/),
      expect.stringMatching(/^issue\s*object, 2 fields$/),
      expect.stringMatching(/^order\s*number 1024$/),
    ])
  expect(await faults(page)).toEqual([])
  await page.keyboard.type('is')
  await expect.poll(texts, PATIENT).toEqual([expect.stringMatching(/^issue/)])
  await accept(page)
  await page.keyboard.type('.ti')
  await expect.poll(texts, PATIENT).toEqual([expect.stringMatching(/^title/)])
  await accept(page)
  await page.keyboard.type(' | upc')
  await expect.poll(texts, PATIENT).toEqual([expect.stringMatching(/^upcase/)])
  await accept(page)
  await page.keyboard.type(' }}')
  expect(await message.innerText()).toBe('{{ payload.issue.title | upcase }}')
  await page.getByRole('group', { name: 'User message' }).getByText('ERROR 5').waitFor()
}, 60_000)

it('shows what the model would be sent, and keeps the last good text', async () => {
  const { id } = await makeAgent({ message: '{{ payload.issue.title }} is {{ payload.isue.state }}.' })
  const page = await configure(id)
  const preview = page.getByRole('region', { name: 'Preview' })
  await preview.getByRole('group', { name: 'User message' }).getByText('Error 5 is .').waitFor()
  await preview.getByText('this request has no payload.isue.state').waitFor()
  await preview.getByRole('button', { name: 'Message, line 1' }).click()
  await expect.poll(() => page.evaluate('document.activeElement.dataset.field'), PATIENT).toBe('message')

  const message = editor(page, 'Message')
  await message.fill('{{ payload.issue.title | shout }}')
  await preview.getByText('Cannot be rendered as written').waitFor()
  await preview.getByText(/undefined filter: shout/).waitFor()
  await preview.getByRole('group', { name: 'User message' }).getByText('Error 5 is .').waitFor()
  await page.locator('[data-field="message"] .cm-lintRange-error').waitFor()
  expect(await faults(page)).toEqual([])

  await message.fill('Hello {{ payload.name }}')
  await preview.getByLabel('Preview with').selectOption('Another payload…')
  // It begins with the request that was chosen.
  const sample = editor(page, 'Sample payload')
  await expect.poll(() => sample.innerText(), PATIENT).toContain('Error 5')
  await sample.fill('{ "name": ')
  await preview.getByText('Waiting for a payload').waitFor()
  await sample.fill('{ "name": "Ada" }')
  await preview.getByRole('group', { name: 'User message' }).getByText('Hello Ada').waitFor()
  await preview.getByText('Up to date').waitFor()
}, 60_000)

it('previews an agent that is not saved yet, with the sample of its template', async () => {
  const page = await signedIn({ viewport: DESK }, program)
  await page.goto('/agents/new')
  await page.getByRole('button', { name: 'GitHub issue triage' }).click()
  const preview = page.getByRole('region', { name: 'Preview' })
  await preview.getByRole('group', { name: 'User message' }).getByText('Title: Checkout fails').waitFor()
  expect(await faults(page)).toEqual([])
})

it('makes a schema of an example, and shows an answer that fits', async () => {
  const { id } = await makeAgent()
  const page = await configure(id)
  await page.getByRole('button', { name: 'Start from an example' }).click()
  await editor(page, 'Example answer').fill('{ "label": "bug", "score": 2 }')
  await page.getByRole('button', { name: 'Create schema' }).click()
  await expect.poll(() => editor(page, 'Output schema').innerText(), PATIENT).toContain('"integer"')
  await page.getByRole('group', { name: 'Answer that fits' }).getByText('"label"').waitFor()
  expect(await faults(page)).toEqual([])
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Live revision: 2').waitFor()
  const { body } = await program.api('GET', `/api/agents/${id}`)
  expect(body.output_schema).toMatchObject({ required: ['label', 'score'], additionalProperties: false })
})

it('tries the draft on the last request without saving it', async () => {
  const { id, taskId } = await makeAgent()
  expect(tools.requests).toHaveLength(1)
  const page = await configure(id)
  await editor(page, 'Message').fill('Refund order {{ payload.order }}, {{ nobody }}')
  await page.getByRole('button', { name: 'Try draft' }).click()
  const panel = page.getByRole('dialog', { name: 'Try draft' })
  await panel.getByRole('button', { name: 'Run', exact: true }).click()
  // Errors of the draft are at their fields.
  await panel.waitFor({ state: 'detached' })
  await page.getByText('Draft not run: 1 error').waitFor()
  await expect.poll(() => page.evaluate('document.activeElement.dataset.field'), PATIENT).toBe('message')

  await editor(page, 'Message').fill('Refund order {{ payload.order }}')
  await page.getByRole('button', { name: 'Try draft' }).click()
  expect(await panel.getByLabel('Request').inputValue()).toBe(taskId)
  await panel.getByRole('button', { name: 'Run', exact: true }).click()
  await panel.getByText('Success', { exact: true }).waitFor({ timeout: 30_000 })
  await panel.getByText('Paid back.').waitFor()
  await panel
    .getByRole('listitem')
    .getByText('simulated')
    .or(panel.getByText('answered from the record'))
    .first()
    .waitFor()
  await panel.getByRole('columnheader', { name: 'Original' }).waitFor()
  const link = panel.getByRole('link', { name: 'Compare step by step' })
  expect(await link.getAttribute('href')).toContain(`/tasks/${taskId}/compare/`)
  expect(await faults(page)).toEqual([])
  expect(tools.requests).toHaveLength(1)
  expect(model.requests.some(({ body }) => JSON.stringify(body).includes('Refund order 1024'))).toBe(true)
  expect((await program.api('GET', `/api/agents/${id}`)).body.revision).toBe(1)

  // The same with a payload that nobody sent.
  await panel.getByLabel('Request').selectOption('Another payload…')
  await panel.getByRole('textbox', { name: 'Sample payload' }).fill('{ "order": 7 }')
  expect(await panel.getByRole('radio', { name: 'Live' }).isDisabled()).toBe(true)
  await panel.getByRole('button', { name: 'Run', exact: true }).click()
  await expect
    .poll(() => model.requests.some(({ body }) => JSON.stringify(body).includes('Refund order 7')), PATIENT)
    .toBe(true)
  await panel.getByRole('heading', { name: 'Cost and time' }).waitFor()
  expect(tools.requests).toHaveLength(1)
}, 90_000)

it('runs the draft with live writes when asked to', async () => {
  const { id } = await makeAgent()
  const page = await configure(id)
  await page.getByRole('button', { name: 'Try draft' }).click()
  const panel = page.getByRole('dialog', { name: 'Try draft' })
  await panel.getByRole('radio', { name: 'Live' }).check()
  await panel.getByRole('button', { name: 'Run with live writes' }).click()
  await panel.getByText('Success', { exact: true }).waitFor({ timeout: 30_000 })
  expect(tools.requests).toHaveLength(2)
})

it('removes unsaved changes when somebody signs out, and asks first', async () => {
  const { id } = await makeAgent()
  const page = await configure(id)
  const keptKeys = () => page.evaluate('Object.keys(localStorage).join()')
  await editor(page, 'Instructions').fill('Only for me.')
  await expect.poll(keptKeys, PATIENT).toContain(id)
  const signOut = page.getByRole('button', { name: 'Sign out', exact: true })
  const dialog = page.getByRole('dialog', { name: 'Sign out without saving?' })
  await signOut.click()
  await dialog.waitFor()
  expect(await faults(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await keptKeys()).toContain(id)
  await signOut.click()
  await dialog.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Admin key').waitFor()
  await expect.poll(keptKeys, PATIENT).not.toContain(id)
  // With nothing to lose, nothing is asked.
  await page.getByLabel('Admin key').fill(program.adminKey)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor(PATIENT)
  await signOut.click()
  await page.getByLabel('Admin key').waitFor()
})

it('keeps unsaved changes over a reload, and drops them with a save', async () => {
  const { id } = await makeAgent()
  const page = await configure(id)
  await editor(page, 'Instructions').fill('Help quickly.')
  await page.getByLabel('Max steps').fill('7')
  await expect.poll(() => page.evaluate('Object.keys(localStorage).join()'), PATIENT).toContain(id)
  await page.reload()
  const offer = page.getByText(/You have unsaved changes from \d\d:\d\d/)
  await offer.waitFor()
  expect(await page.getByLabel('Max steps').inputValue()).toBe('')
  expect(await faults(page)).toEqual([])
  // Somebody else has saved meanwhile: both changes are kept.
  await program.api('PATCH', `/api/agents/${id}`, { description: 'By a colleague' })
  await page.reload()
  await page.getByText('They were made on revision 1; the latest is 2.').waitFor()
  await page.getByRole('button', { name: 'Restore' }).click()
  await offer.waitFor({ state: 'detached' })
  await expect.poll(() => editor(page, 'Instructions').innerText(), PATIENT).toBe('Help quickly.')
  const merge = page.getByRole('alert', { name: /Revision 2 was saved/ })
  await merge.getByRole('button', { name: 'Merge changes' }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Live revision: 3').waitFor()
  const { body } = await program.api('GET', `/api/agents/${id}`)
  expect(body).toMatchObject({
    description: 'By a colleague',
    instructions: 'Help quickly.',
    limits: { max_steps: 7 },
  })
  await expect.poll(() => page.evaluate('Object.keys(localStorage).join()'), PATIENT).not.toContain(id)
  await page.reload()
  await page.locator('.cm-content[data-field="message"]').waitFor()
  expect(await offer.count()).toBe(0)
}, 60_000)
