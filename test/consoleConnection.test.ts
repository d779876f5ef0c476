import { beforeAll, expect, it } from 'vitest'
import { faults, openConsole } from './harness/consolePages.ts'
import type { Program } from './harness/program.ts'

const { program: running, signedIn, expectOutage } = openConsole()
let program: Program
beforeAll(() => {
  program = running()
})

/** The whole program is killed and restarted, which takes a while on a busy machine. */
const RESTART = { timeout: 60_000 }

it('shows that the server is unreachable, keeps its data, and reconnects by itself', async () => {
  expectOutage()
  const page = await signedIn()
  await page.goto('/tasks')
  await page.getByRole('heading', { name: 'Tasks', level: 1 }).waitFor()
  await page.goto('/agents')
  const state = page.getByTestId('connection').filter({ visible: true })
  await page.getByRole('link', { name: /Demo/ }).waitFor()
  await state.filter({ hasText: 'Live' }).waitFor()

  await program.killAll()
  await state.filter({ hasText: /Reconnecting since \d\d:\d\d/ }).waitFor(RESTART)
  const banner = page.getByText('The server is not responding.')
  await banner.waitFor()
  expect(await page.getByText(/shows data from \d\d:\d\d/).isVisible()).toBe(true)
  await page.getByRole('link', { name: /Demo/ }).waitFor()
  expect(await faults(page)).toEqual([])

  // A page that has not been loaded yet waits without an error; a user's action fails immediately.
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Rejections' }).click()
  await page.waitForURL('**/rejections')
  expect(await page.getByText(/went wrong|unexpected error/i).count()).toBe(0)
  expect(await page.getByRole('alert').count()).toBe(0)

  await program.start()
  await state.filter({ hasText: 'Live' }).waitFor(RESTART)
  await banner.waitFor({ state: 'detached' })
  await page.getByRole('heading', { name: 'Rejections', level: 1 }).waitFor(RESTART)
  await page.goBack()
  await page.getByRole('link', { name: /Demo/ }).waitFor()

  // Changes made in the meantime appear without a reload.
  await program.api('POST', '/api/agents', { name: 'Latecomer', instructions: '', model: 'demo/assistant' })
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Tasks' }).click()
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Agents' }).click()
  await page.getByRole('link', { name: /Latecomer/ }).waitFor(RESTART)
  expect(await page.getByText(/went wrong|unexpected error/i).count()).toBe(0)
}, 180_000)

it('does not apply a change later without notice', async () => {
  expectOutage()
  const page = await signedIn()
  await page.goto('/agents/new')
  await page.getByLabel('Name').fill('Never made')
  await page.getByRole('combobox', { name: 'Model' }).fill('demo/assistant')
  await program.killAll()
  await page.getByText('The server is not responding.').waitFor(RESTART)
  await page.getByRole('button', { name: 'Create agent' }).click()
  await page.getByRole('alert').getByText('Bellwire is not responding').waitFor(RESTART)
  await program.start()
  await page.getByText('The server is not responding.').waitFor({ state: 'detached', ...RESTART })
  const { body } = await program.api('GET', '/api/agents?limit=200')
  expect(body.data.map(({ name }: { name: string }) => name)).not.toContain('Never made')
  // The input is still there.
  expect(await page.getByLabel('Name').inputValue()).toBe('Never made')
  await page.getByRole('button', { name: 'Create agent' }).click()
  await page.getByRole('heading', { name: 'Never made', level: 1 }).waitFor()
}, 180_000)
