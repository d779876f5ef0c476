import type { Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import { startProgram, type Program } from './harness/program.ts'

const { program: running, newPage, signedIn, expectOutage } = openConsole()
let program: Program
beforeAll(async () => {
  program = running()
  for (const name of ['Ada', 'Berta', 'Clara']) {
    await program.api('POST', '/api/agents', { name, instructions: '', model: 'demo/assistant' })
  }
})

const focusedText = (page: Page) => page.evaluate('document.activeElement.textContent')

it('finds pages, agents and tasks, and runs commands, from one field', async () => {
  const started = await fetch(program.demoUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"question":"Who rings at noon?"}',
  })
  const { task_id: taskId } = (await started.json()) as { task_id: string }
  const page = await signedIn()
  const field = page.getByRole('combobox', { name: 'Page, agent' })
  const results = page.getByRole('listbox', { name: 'Results' })

  await page.keyboard.press('Control+k')
  await field.waitFor()
  expect(await faults(page)).toEqual([])
  await field.fill('rej')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/rejections')

  await page.keyboard.press('Control+k')
  await field.fill('providers')
  await results.getByRole('option', { name: 'Settings: Providers', selected: true }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/settings/providers')

  await page.keyboard.press('Control+k')
  await field.fill('bert')
  await results.getByRole('option', { name: /^Berta/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Berta', level: 1 }).waitFor()

  await page.getByRole('button', { name: /Search or go to/ }).click()
  await field.fill(taskId.slice(0, 13))
  await results.getByRole('option', { name: /Who rings at noon/ }).waitFor(PATIENT)
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/tasks/${taskId}`)

  await page.keyboard.press('Control+k')
  await field.fill('noon')
  await results.getByRole('option', { name: 'Search tasks for “noon”' }).click()
  await page.waitForURL('**/tasks?q=noon')

  // Arrow keys move the selection, wrapping around; Escape returns to the page.
  await page.keyboard.press('Control+k')
  await field.fill('theme')
  await page.keyboard.press('ArrowUp')
  await results.getByRole('option', { name: /Search tasks/, selected: true }).waitFor()
  await page.keyboard.press('ArrowDown')
  await results.getByRole('option', { name: 'Switch to dark theme', selected: true }).waitFor()
  await page.keyboard.press('Enter')
  await expect
    .poll(() => page.evaluate('document.documentElement.dataset.mantineColorScheme'), PATIENT)
    .toBe('dark')
  await page.keyboard.press('Control+k')
  await field.waitFor()
  await page.keyboard.press('Escape')
  await field.waitFor({ state: 'detached' })
}, 60_000)

it('can be used without a mouse', async () => {
  const page = await signedIn()
  await page.goto('/agents')
  await page.getByRole('link', { name: /^Clara/ }).waitFor()
  await page.keyboard.press('j')
  expect(await focusedText(page)).toMatch(/^Clara/)
  await page.keyboard.press('j')
  expect(await focusedText(page)).toMatch(/^Berta/)
  await page.keyboard.press('k')
  await page.keyboard.press('k')
  expect(await focusedText(page)).toMatch(/^Clara/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Clara', level: 1 }).waitFor()

  await page.keyboard.press('g')
  await page.keyboard.press('t')
  await page.waitForURL('**/tasks')
  await page.getByLabel('Search', { exact: true }).waitFor()
  await page.keyboard.press('/')
  await expect.poll(() => page.evaluate('document.activeElement.tagName'), PATIENT).toBe('INPUT')
  // Shortcuts are inactive while typing.
  await page.keyboard.type('gaj?')
  expect(await page.getByLabel('Search', { exact: true }).inputValue()).toBe('gaj?')
  expect(page.url()).toMatch(/\/tasks$/)

  await page.getByRole('heading', { name: 'Tasks', level: 1 }).click()
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await dialog.getByText('Next row').waitFor()
  expect(await faults(page)).toEqual([])
  await dialog.getByRole('switch').press('Space')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await page.keyboard.press('?')
  await page.keyboard.press('g')
  await page.keyboard.press('a')
  // If they were on, the palette would not open on this page.
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Page, agent' }).waitFor()
  expect(page.url()).toMatch(/\/tasks$/)
}, 60_000)

it('uses the full width for tables, and a readable width for text', async () => {
  const page = await signedIn({ viewport: { width: 2560, height: 1200 } })
  const widthOf = async (path: string, selector: string) => {
    await page.goto(path)
    const box = await page.locator(selector).first().boundingBox()
    return box?.width ?? 0
  }
  expect(await widthOf('/agents', 'main ul')).toBeGreaterThan(2_200)
  expect(await widthOf('/agents/new', 'main form [data-field="name"]')).toBeLessThan(1_100)
  await page.setViewportSize(DESK)
  expect(await fits(page)).toBe(true)
})

it('has a page for unknown URLs', async () => {
  const page = await signedIn()
  const answer = await page.goto('/nowhere/at/all')
  expect(answer?.status()).toBe(404)
  await page.getByRole('heading', { name: 'Page not found' }).waitFor()
  expect(await faults(page)).toEqual([])
  await page.getByRole('link', { name: 'Go to the start page' }).click()
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  const asProgram = await fetch(`${program.url}/nowhere/at/all`)
  expect([asProgram.status, asProgram.headers.get('content-type')]).toEqual([
    404,
    'application/problem+json; charset=utf-8',
  ])
  const inApi = await fetch(`${program.url}/api/nowhere`, { headers: { accept: 'text/html' } })
  expect(inApi.headers.get('content-type')).toContain('application/problem+json')
})

it('shows that a key is wrong', async () => {
  const page = await newPage()
  await page.goto('/sign-in')
  await page.getByLabel('Admin key').fill('bw_admin_wrong')
  await page.keyboard.press('Enter')
  expect(await page.getByRole('alert').innerText()).toContain('The admin key is wrong')
})

it("shows the console's URL at a wrong one", async ({ onTestFinished }) => {
  // The page cannot find its files here.
  expectOutage()
  const elsewhere = await startProgram({ env: { BELLWIRE_PUBLIC_URL: 'https://bells.example/wire' } })
  onTestFinished(() => elsewhere.remove())
  const lost = await newPage({ baseURL: elsewhere.url })
  await lost.goto('/sign-in')
  await lost.getByRole('link', { name: 'https://bells.example/wire' }).waitFor()
}, 60_000)

it('has a menu on screens without room for the sidebar', async () => {
  const page = await signedIn({ viewport: PHONE })
  await page.goto('/agents')
  await page.getByRole('link', { name: /^Clara/ }).waitFor()
  expect(await page.getByRole('navigation', { name: 'Main' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Menu' }).click()
  const menu = page.getByRole('dialog')
  await menu.getByRole('link', { name: 'Tasks' }).waitFor()
  expect([await fits(page), await faults(page)]).toEqual([true, []])
  await menu.getByRole('link', { name: 'Tasks' }).click()
  await page.waitForURL('**/tasks')
  await menu.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Go to page, agent or task' }).click()
  await page.getByRole('combobox', { name: 'Page, agent' }).waitFor()
  expect([await fits(page), await faults(page)]).toEqual([true, []])
})
