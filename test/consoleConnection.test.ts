import { beforeAll, expect, it } from 'vitest'
import { faults, openConsole } from './harness/consolePages.ts'
import type { Program } from './harness/program.ts'

const { program: running, signedIn, expectOutage } = openConsole()
let program: Program
beforeAll(() => {
  program = running()
})

/** The whole program is killed and started again: on a busy machine that takes its time. */
const RESTART = { timeout: 60_000 }

it('says when the server is away, keeps what it had, and comes back by itself', async () => {
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

  // What nobody has loaded yet waits, and does not blame itself; what a person does fails at once.
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

  // And what has changed since is there without a reload.
  await program.api('POST', '/api/agents', { name: 'Latecomer', instructions: '', model: 'demo/assistant' })
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Tasks' }).click()
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Agents' }).click()
  await page.getByRole('link', { name: /Latecomer/ }).waitFor(RESTART)
  expect(await page.getByText(/went wrong|unexpected error/i).count()).toBe(0)
}, 180_000)

it('does not make a change later by surprise', async () => {
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
  // What was typed is still there.
  expect(await page.getByLabel('Name').inputValue()).toBe('Never made')
  await page.getByRole('button', { name: 'Create agent' }).click()
  await page.getByRole('heading', { name: 'Never made', level: 1 }).waitFor()
}, 180_000)
