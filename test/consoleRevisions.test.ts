import { beforeAll, expect, it } from 'vitest'
import { faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import type { Program } from './harness/program.ts'

const { program: running, signedIn } = openConsole()
let program: Program
beforeAll(() => {
  program = running()
})

const LOOK = {
  type: 'http',
  name: 'look_up',
  description: 'Looks up.',
  url: 'https://api.example/orders',
  access: 'read',
}

/** An agent with three revisions. */
async function createAgent(name: string): Promise<string> {
  const first = {
    name,
    instructions: 'You are a bell.\nRing once.\nBe polite.\n',
    model: 'demo/assistant',
    tools: [LOOK],
  }
  const { body } = await program.api('POST', '/api/agents', first)
  await program.api('PATCH', `/api/agents/${body.id}`, {
    instructions: 'You are a bell.\nRing twice.\nBe polite.\n',
    limits: { max_steps: 5 },
  })
  await program.api('PATCH', `/api/agents/${body.id}`, {
    tools: [{ ...LOOK, url: 'https://api.example/items' }],
    description: 'Rings',
  })
  return body.id
}

it('lists revisions, compares any two, and returns to one', async () => {
  const id = await createAgent('Revised')
  const page = await signedIn()
  await page.goto(`/agents/${id}`)
  await page.getByRole('navigation', { name: 'Parts of the agent' }).getByText('Revisions').click()
  const list = page.getByRole('list', { name: 'Revisions' })
  await list.getByRole('link', { name: /^Revision 3 ?Live/ }).waitFor()
  await list.getByText('Tools, Description').or(list.getByText('Description, Tools')).waitFor()
  await list.getByText('Instructions, Max steps').waitFor()
  await list.getByText('Created', { exact: true }).waitFor()
  expect(await faults(page)).toEqual([])

  await list.getByRole('link', { name: /^Revision 2/ }).click()
  const panel = page.getByRole('region', { name: 'Revision 2' })
  // Who saved it: the key that made the change, here.
  await panel.getByText(/by API key/).waitFor()
  const instructions = panel.getByRole('region', { name: 'Instructions' })
  await instructions.getByText('Ring twice.').waitFor()
  expect(await instructions.locator('ins').allInnerTexts()).toEqual(['Ring twice.'])
  expect(await instructions.locator('del').allInnerTexts()).toEqual(['Ring once.'])
  expect(await panel.getByRole('region', { name: 'Max steps' }).innerText()).toMatch(/20\s*→\s*5/)
  expect(await panel.getByRole('region', { name: 'Tools' }).count()).toBe(0)
  expect(await faults(page)).toEqual([])

  // Any two: JSON is compared place by place.
  await page.getByLabel('Compare', { exact: true }).selectOption('Revision 3')
  await page.getByLabel('With', { exact: true }).selectOption('Revision 1')
  const tools = page.getByRole('region', { name: 'Tools' })
  await tools.getByText('look_up.url').waitFor()
  expect(await tools.innerText()).toMatch(/orders\s*→\s*https:\/\/api.example\/items/)
  await page.getByRole('region', { name: 'Description' }).getByText('Not set').waitFor()
  expect(await page.getByRole('button', { name: /^Return to/ }).count()).toBe(0)

  await list.getByRole('link', { name: /^Revision 1/ }).click()
  await page.getByText('This is the first revision.').waitFor()
  await page.getByRole('button', { name: 'Return to revision 1' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Revision 4 is created, equal to revision 1', { exact: false }).waitFor()
  expect(await faults(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Return to revision 1' }).click()
  await list.getByRole('link', { name: /^Revision 4 ?Live/ }).waitFor()
  await page.getByRole('region', { name: 'Revision 4' }).waitFor()
  const { body } = await program.api('GET', `/api/agents/${id}`)
  expect(body).toMatchObject({ revision: 4, instructions: 'You are a bell.\nRing once.\nBe polite.\n' })
  expect(body).not.toHaveProperty('description')
}, 60_000)

it('does not return over a change that somebody else has made', async () => {
  const id = await createAgent('Contended')
  const page = await signedIn()
  await page.goto(`/agents/${id}/revisions?to=1`)
  await page.getByRole('button', { name: 'Return to revision 1' }).click()
  await program.api('PATCH', `/api/agents/${id}`, { description: 'Meanwhile' })
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Return to revision 1' }).click()
  await dialog.getByRole('alert').waitFor()
  // By now it knows the change, and does it if it is still wanted.
  await dialog.getByText('replaces revision 4', { exact: false }).waitFor(PATIENT)
  await dialog.getByRole('button', { name: 'Return to revision 1' }).click()
  await page.getByRole('region', { name: 'Revision 5' }).waitFor()
}, 60_000)

it('is reached from a task, counts its tasks, and fits on a phone', async () => {
  const id = await createAgent('Counted')
  const { body: hook } = await program.api('GET', `/api/agent_webhook?id=${id}`)
  const response = await fetch(hook.webhook_url.replace('localhost', '127.0.0.1'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"question":"Ring?"}',
  })
  const { task_id: taskId } = (await response.json()) as { task_id: string }
  await expect
    .poll(async () => (await program.api('GET', `/api/tasks/${taskId}`)).body.state, PATIENT)
    .toBe('SUCCESS')
  const page = await signedIn({ viewport: PHONE })
  await page.goto(`/tasks/${taskId}`)
  await page.getByRole('link', { name: '3', exact: true }).click()
  await page.getByRole('region', { name: 'Revision 3' }).waitFor()
  const row = page.getByRole('list', { name: 'Revisions' }).getByRole('link', { name: /^Revision 3/ })
  await row.getByText('1 task', { exact: true }).waitFor()
  await row.getByText('100 % ok').waitFor()
  expect(await fits(page)).toBe(true)
  expect(await faults(page)).toEqual([])
  // An unknown one says so.
  await page.goto(`/agents/${id}/revisions?to=77`)
  await page.getByRole('alert').getByText('Revision not found').waitFor()
}, 60_000)
