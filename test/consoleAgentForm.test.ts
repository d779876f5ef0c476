import { beforeAll, expect, it } from 'vitest'
import { faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import type { Program } from './harness/program.ts'

const { program: running, signedIn } = openConsole()
let program: Program
beforeAll(() => {
  program = running()
})

/** As wide as the links to the sections need. */
const WIDE = { width: 1500, height: 900 }

async function createAgent(name: string, more: object = {}): Promise<string> {
  const config = { name, instructions: 'Ring.', model: 'demo/assistant', ...more }
  return (await program.api('POST', '/api/agents', config)).body.id
}

const read = async (id: string) => (await program.api('GET', `/api/agents/${id}`)).body

it('sets every limit, in units that people use', async () => {
  const id = await createAgent('Limited', { keep_days: 9 })
  const page = await signedIn({ viewport: WIDE })
  await page.goto(`/agents/${id}/configure`)
  // What applies by default is in the empty fields.
  expect(await page.getByLabel('Max steps').getAttribute('placeholder')).toBe('20')
  expect(await page.getByLabel('Max steps').inputValue()).toBe('')
  expect(await page.getByLabel('Timeout of a run', { exact: true }).getAttribute('placeholder')).toBe('10')
  expect(await page.getByLabel('Timeout of a run: unit').inputValue()).toBe('minutes')
  expect(await page.getByLabel('Keep tasks for').inputValue()).toBe('9')

  await page.getByLabel('Max steps').fill('7')
  await page.getByLabel('Timeout of a run', { exact: true }).fill('1.5')
  await page.getByLabel('Timeout of a run: unit').selectOption('hours')
  await page.getByText('More', { exact: true }).click()
  await page.getByLabel('Max model output per run', { exact: true }).fill('2')
  await page.getByLabel('Max pending tasks').fill('50')
  await page.getByLabel('Daily tokens').fill('100000')
  await page.getByLabel('No time limit').check()
  expect(await page.getByLabel('Time to decide', { exact: true }).isDisabled()).toBe(true)
  await page.getByLabel('Only read tools for unverified senders').press('Space')
  await page.getByLabel('Keep tasks for').fill('')
  await page.getByLabel('Task title').fill('Order {{ payload.id }}')
  const links = page.getByRole('navigation', { name: 'Sections' })
  await links.getByRole('link', { name: 'Limits Not saved' }).waitFor()
  expect(await links.getByText('Not saved').count()).toBe(5)
  expect(await faults(page)).toEqual([])
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Live revision: 2').waitFor()
  expect(await links.getByText('Not saved').count()).toBe(0)
  expect(await read(id)).toMatchObject({
    title: 'Order {{ payload.id }}',
    limits: {
      max_steps: 7,
      timeout_seconds: 5_400,
      max_output_bytes: 2_097_152,
      max_pending_tasks: 50,
      step_timeout_seconds: 300,
    },
    budget: { max_tokens_per_day: 100_000 },
    approvals: { write_calls: 'never', timeout_seconds: 'never' },
    unverified_senders: 'read_only',
  })
  expect(await read(id)).not.toHaveProperty('keep_days')

  // The page shows it all again, also what was folded.
  await page.reload()
  expect(await page.getByLabel('Timeout of a run', { exact: true }).inputValue()).toBe('90')
  expect(await page.getByLabel('Max model output per run', { exact: true }).inputValue()).toBe('2')
  expect(await page.getByLabel('Max pending tasks').inputValue()).toBe('50')
  expect(await page.getByLabel('No time limit').isChecked()).toBe(true)
  await page.getByLabel('No time limit').uncheck()
  await page.getByLabel('Time to decide', { exact: true }).fill('2')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Live revision: 3').waitFor()
  expect((await read(id)).approvals.timeout_seconds).toBe(172_800)
}, 60_000)

it('leads to each error, those of folded fields included', async () => {
  const id = await createAgent('Wrong')
  const page = await signedIn({ viewport: WIDE })
  await page.goto(`/agents/${id}/configure`)
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(' ')
  await page.getByLabel('Max steps').fill('0')
  await page.getByText('More', { exact: true }).click()
  await page.getByLabel('Timeout of a tool call', { exact: true }).fill('99999999')
  await page.getByText('More', { exact: true }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const alert = page.getByRole('alert')
  await alert.getByText('Not saved: 3 errors').waitFor()
  const focused = () => page.evaluate('document.activeElement.dataset.field')
  await expect.poll(focused, PATIENT).toBe('name')
  expect(await page.getByLabel('Timeout of a tool call', { exact: true }).isVisible()).toBe(true)
  const links = page.getByRole('navigation', { name: 'Sections' })
  await links.getByRole('link', { name: 'General 1 error' }).waitFor()
  await links.getByRole('link', { name: 'Limits 2 errors' }).click()
  await expect.poll(() => page.url(), PATIENT).toContain('#limits')
  expect(await page.getByLabel('Max steps').isVisible()).toBe(true)
  expect(await faults(page)).toEqual([])
  await alert.getByRole('button', { name: 'Timeout of a tool call' }).click()
  expect(await focused()).toBe('tool_timeout_seconds')

  // What cannot even be sent is found here.
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Wrong')
  await page.getByLabel('Max steps').fill('many')
  await page.getByLabel('Timeout of a tool call', { exact: true }).fill('')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await alert.getByText('Not saved: 1 error').waitFor()
  await page.getByText('Enter a number.').waitFor()
  await expect.poll(focused, PATIENT).toBe('max_steps')
  await page.getByLabel('Max steps').fill('')
  await page.getByLabel('Task title').fill('Of {{ result.answer }}')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText(/no variable result/).waitFor()
  await expect.poll(focused, PATIENT).toBe('title')
  await page.getByRole('button', { name: 'Discard' }).click()
  expect((await read(id)).revision).toBe(1)
}, 60_000)

it('keeps its sections usable on a phone', async () => {
  const id = await createAgent('Small')
  const page = await signedIn({ viewport: PHONE })
  await page.goto(`/agents/${id}/configure`)
  await page.getByText('More', { exact: true }).click()
  await page.getByLabel('Max pending tasks').fill('5')
  expect(await page.getByRole('navigation', { name: 'Sections' }).count()).toBe(0)
  expect(await fits(page)).toBe(true)
  expect(await faults(page)).toEqual([])
})

it('copies everything of an agent, also what the form does not show', async () => {
  const config = {
    title: 'Order {{ payload.id }}',
    keep_days: 5,
    unverified_senders: 'read_only',
    limits: { max_pending_tasks: 3 },
    approvals: { timeout_seconds: 'never' },
  }
  const id = await createAgent('Original', config)
  const page = await signedIn()
  await page.goto(`/agents/${id}`)
  await page.getByRole('link', { name: 'Duplicate' }).click()
  await page.getByRole('button', { name: 'Create agent' }).click()
  await page.getByRole('heading', { name: 'Original (copy)', level: 1 }).waitFor()
  const copy = page.url().split('/').at(-1) ?? ''
  expect(await read(copy)).toMatchObject({ name: 'Original (copy)', ...config })
})

it('shows in lists what tasks are called, and how the last day went', async () => {
  const { body: agent } = await program.api('POST', '/api/agents', {
    name: 'Orders',
    instructions: 'Ring.',
    model: 'demo/assistant',
    title: 'Order {{ payload.id }} of {{ payload.customer }}',
  })
  const { body: hook } = await program.api('GET', `/api/agent_webhook?id=${agent.id}`)
  const response = await fetch(hook.webhook_url.replace('localhost', '127.0.0.1'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"id":1024,"customer":"Ada","title":"Not this one"}',
  })
  const { task_id: taskId } = (await response.json()) as { task_id: string }
  await expect
    .poll(async () => (await program.api('GET', `/api/tasks/${taskId}`)).body.state, PATIENT)
    .toBe('SUCCESS')
  const page = await signedIn()
  await page.goto('/agents')
  const row = page.getByRole('link', { name: /^Orders/ })
  await row.getByText('1 task', { exact: true }).waitFor()
  expect(await row.getByText('failed').count()).toBe(0)
  expect(await page.getByRole('button', { name: 'Import file' }).isVisible()).toBe(true)
  expect(await faults(page)).toEqual([])
  await page.goto('/tasks')
  await page.getByText('Order 1024 of Ada').first().click()
  await page.getByRole('heading', { name: 'Order 1024 of Ada', level: 1 }).waitFor()
})
