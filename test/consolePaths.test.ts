import { spawnSync } from 'node:child_process'
import { beforeAll, expect, it } from 'vitest'
import { faults, openConsole, PATIENT } from './harness/consolePages.ts'
import { fail, say, startModelServer, userText, type ModelServer } from './harness/modelServer.ts'
import type { Program } from './harness/program.ts'

// Whole paths that people take, from where they arrive to what they came for.

const RIGHT_KEY = 'sk-right'
const env: Record<string, string> = { LOCAL_MODEL_API_KEY: 'sk-revoked' }

/** How long a task, or the whole program, may take on a busy machine. */
const SLOW = { timeout: 60_000 }

let model: ModelServer
beforeAll(async () => {
  model = await startModelServer()
  model.handle(({ headers, body }) =>
    headers.authorization === `Bearer ${RIGHT_KEY}`
      ? say(`Handled: ${userText(body)}`)
      : fail(401, 'Incorrect API key provided.'),
  )
  env['LOCAL_MODEL_BASE_URL'] = model.url
  return () => model.stop()
})

const { program: running, newPage, signedIn, expectOutage } = openConsole({ env })
let program: Program
beforeAll(() => {
  program = running()
})

it('leads a newcomer from the printed link to the answer of a request with curl', async () => {
  const page = await newPage({ permissions: ['clipboard-read', 'clipboard-write'] })
  await page.goto(/http:\/\/\S+(\/sign-in#\S+)/.exec(program.printed())?.[1] ?? '')
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Agents' }).click()
  await page.getByRole('link', { name: 'New agent' }).click()
  await page.getByRole('button', { name: 'Form leads' }).click()
  await page.getByRole('button', { name: 'Create agent' }).click()
  await page.getByRole('button', { name: 'Send test' }).waitFor()

  // The URL and the command are in the clipboard, and not on the page.
  const copied = () => page.evaluate<string>('navigator.clipboard.readText()')
  await page.getByRole('button', { name: 'Copy URL' }).click()
  await expect.poll(copied, PATIENT).toMatch(/\/api\/webhooks\/agents\/[\w-]+$/)
  const token = (await copied()).split('/').at(-1) ?? ''
  expect(await page.locator('body').innerHTML()).not.toContain(token)
  await page.getByRole('button', { name: 'Copy curl snippet' }).click()
  await expect.poll(copied, PATIENT).toMatch(/^curl /)
  const command = (await copied()).replace('//localhost:', '//127.0.0.1:')
  const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
  const { task_id: id } = JSON.parse(stdout) as { task_id: string }

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Tasks' }).click()
  await page.locator(`a[href*="${id}"]`).first().click()
  await page.waitForURL(`**/tasks/${id}**`)
  await page.getByText('Success', { exact: true }).first().waitFor(SLOW)
  expect((await page.getByTestId('answer').innerText()).trim()).not.toBe('')
  expect(await faults(page)).toEqual([])
}, 120_000)

it('leads from the failures of last night over a dead key to their success', async () => {
  expectOutage()
  const { body: agent } = await program.api('POST', '/api/agents', {
    name: 'Night shift',
    instructions: 'Handle it.',
    model: 'local/writer',
  })
  const { body: webhook } = await program.api('GET', `/api/agent_webhook?id=${agent.id}`)
  const url = program.url + new URL(webhook.webhook_url).pathname
  for (const title of ['Disk is full', 'Invoice is late', 'Cannot sign in']) {
    const headers = { 'content-type': 'application/json', prefer: 'wait=30' }
    await fetch(url, { method: 'POST', headers, body: JSON.stringify({ title }) })
  }

  // In the morning: what failed, and why, with what to do about it.
  const page = await signedIn()
  const attention = page.getByRole('region', { name: 'Needs attention' })
  await attention.getByText('3 failed: the model provider rejected the API key').waitFor(SLOW)
  await attention.getByRole('link', { name: 'Show tasks' }).click()
  await page.waitForURL('**/tasks?**provider_auth**')
  await page.getByText('By error', { exact: true }).click()
  const group = page.getByRole('list', { name: 'Errors' }).getByRole('listitem')
  await group.getByText('3 tasks').waitFor()
  await group.getByRole('link', { name: 'The model provider rejected the API key' }).click()

  // The key is replaced while the page stays open: it says so, and comes back by itself.
  env['LOCAL_MODEL_API_KEY'] = RIGHT_KEY
  await program.stop()
  const connection = page.getByTestId('connection').filter({ visible: true })
  await connection.filter({ hasText: /Reconnecting/ }).waitFor(SLOW)
  await program.start()
  await connection.filter({ hasText: 'Live' }).waitFor(SLOW)

  await page.getByRole('button', { name: 'Replay all failed' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Replay 3 tasks' }).click()
  await dialog.getByText('3 replays started').waitFor(SLOW)
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
  await page.goto(`/tasks?agent=${agent.id}&state=SUCCESS&range=all`)
  const rows = page.getByRole('table', { name: 'Tasks' }).locator('tbody tr[aria-rowindex]')
  await expect.poll(() => rows.count(), SLOW).toBe(3)
  await rows.filter({ hasText: 'Disk is full' }).getByRole('link').first().click()
  await page.getByTestId('answer').filter({ hasText: 'Handled:' }).waitFor()
}, 180_000)
