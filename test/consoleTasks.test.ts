import { join } from 'node:path'
import pg from 'pg'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import { fail, say, startModelServer } from './harness/modelServer.ts'
import { startProgram, type Program } from './harness/program.ts'

const { program: running, signedIn } = openConsole()
let program: Program
beforeAll(() => {
  program = running()
})

async function startDemo(question = 'Now?'): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(program.demoUrl, { method: 'POST', headers, body: JSON.stringify({ question }) })
  expect(answer.status).toBe(200)
}

/** The rendered rows of the list, without its header. */
const rowsOf = (page: Page) => page.getByRole('table', { name: 'Tasks' }).locator('tbody tr[aria-rowindex]')

it('shows tasks as they arrive, and only the requested ones', async () => {
  await startDemo()
  const page = await signedIn()
  await page.goto('/tasks')
  const rows = rowsOf(page)
  await rows.first().waitFor()
  const before = await rows.count()
  await startDemo('Who rings?')
  await expect.poll(() => rows.count(), PATIENT).toBe(before + 1)
  await rows.first().getByRole('link', { name: 'Who rings?' }).waitFor()
  const tabs = page.getByRole('navigation', { name: 'Tasks by state' })
  await tabs.getByRole('link', { name: /^Waiting 0$/ }).click()
  await page.waitForURL('**/tasks?state=WAITING')
  await page.getByRole('heading', { name: 'No tasks waiting for approval' }).waitFor()
})

it('finds tasks by text, and by the start of an id; shows filters as chips; saves views', async () => {
  await startDemo()
  const page = await signedIn()
  await page.goto('/tasks')
  const rows = rowsOf(page)
  await page.getByRole('link', { name: /^All \d/ }).waitFor()
  const shortId = (await rows.first().locator('code').innerText()).trim()
  await page.getByLabel('Search', { exact: true }).fill(shortId)
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/tasks?q=${shortId}`)
  await expect.poll(() => rows.count(), PATIENT).toBe(1)
  await page.getByRole('button', { name: 'Save view' }).click()
  await page.getByLabel('Name of the view').fill('The one')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Remove filter: Text' }).click()
  await page.waitForURL('**/tasks')
  await page.reload()
  await page.getByRole('list', { name: 'Saved views' }).getByRole('link', { name: 'The one' }).click()
  await page.waitForURL(`**/tasks?q=${shortId}`)
  await page.getByRole('button', { name: 'Delete view The one' }).click()
  await page.getByRole('list', { name: 'Saved views' }).waitFor({ state: 'detached' })

  await page.getByLabel('Search', { exact: true }).fill('no such text anywhere')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'No tasks found' }).waitFor()
  expect(await faults(page)).toEqual([])
  await page.goto('/tasks?q=12')
  await expect.poll(() => page.getByLabel('Search', { exact: true }).inputValue(), PATIENT).toBe('12')
  await page.getByLabel('Time range').selectOption('Last hour')
  await page.getByRole('button', { name: 'More filters' }).click()
  await page.getByLabel('Started by').selectOption('schedule')
  await page.getByLabel('Cost at least (USD)').fill('0.5')
  await page.keyboard.press('Enter')
  await page.waitForURL(/range=1h&origin=schedule&cost=0.5$/)
  const chips = page.getByRole('group', { name: 'Active filters' })
  await chips.getByText('$0.50').waitFor()
  expect(await faults(page)).toEqual([])
  await chips.getByRole('button', { name: 'Clear all' }).click()
  await page.waitForURL('**/tasks?range=1h')
}, 60_000)

it('shows what failed last night, why, and replays all of it once the key is fixed', async ({
  onTestFinished,
}) => {
  const model = await startModelServer()
  onTestFinished(() => model.stop())
  const program = await startProgram({ env: { LOCAL_MODEL_BASE_URL: model.url } })
  onTestFinished(() => program.remove())
  const makeAgent = async (config: object): Promise<string> => {
    const { body: agent } = await program.api('POST', '/api/agents', config)
    const { body: webhook } = await program.api('GET', `/api/agent_webhook?id=${agent.id}`)
    return new URL(new URL(webhook.webhook_url).pathname, program.url).href
  }
  const locked = await makeAgent({ name: 'Locked out', instructions: 'Write.', model: 'local/writer' })
  const broken = await makeAgent({
    name: 'Broken',
    instructions: 'Write.',
    message: '{{ payload.text }}',
    model: 'local/writer',
  })
  const run = async (url: string, payload: object): Promise<string> => {
    const headers = { 'content-type': 'application/json', prefer: 'wait=20' }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(payload) })
    return ((await response.json()) as { task_id: string }).task_id
  }
  model.handle(() => fail(401, 'Incorrect API key provided.'))
  const failed: string[] = []
  for (const title of ['Disk is full', 'Invoice is late', 'Cannot sign in']) {
    failed.push(await run(locked, { ticket: { title } }))
  }
  const other = await run(broken, { body: 'No such field' })
  model.handle(() => say('Mended.'))

  const page = await signedIn({}, program)
  await page.goto('/tasks')
  await page.getByRole('link', { name: /^Failed 4$/ }).click()
  await page.waitForURL('**/tasks?state=FAILURE')
  const rows = rowsOf(page)
  await expect.poll(() => rows.count(), PATIENT).toBe(4)
  await rows.getByText('template_failed').waitFor()

  await page.getByText('By error', { exact: true }).click()
  const groups = page.getByRole('list', { name: 'Errors' }).getByRole('listitem')
  await groups.first().getByText('3 tasks').waitFor()
  await groups.first().getByText('Set a valid key').waitFor()
  expect(await faults(page)).toEqual([])
  await groups.first().getByRole('link', { name: 'The model provider rejected the API key' }).click()
  await page.waitForURL('**/tasks?state=FAILURE&error=provider_auth')
  await expect.poll(() => rows.count(), PATIENT).toBe(3)

  await page.getByRole('button', { name: 'Replay all failed' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('3 failed or cancelled tasks will continue').waitFor()
  await dialog.getByText('Locked out: 3').waitFor()
  expect(await faults(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Replay 3 tasks' }).click()
  await dialog.getByText('3 replays started').waitFor()
  await dialog.getByText('Nothing was refused.').waitFor()
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
  for (const id of failed) {
    expect((await program.api('GET', `/api/tasks/${id}`)).body.replays).toHaveLength(1)
  }
  expect((await program.api('GET', `/api/tasks/${other}`)).body.replays).toHaveLength(0)
  // They are replayed only once.
  await page.getByRole('button', { name: 'Replay all failed' }).click()
  await dialog.getByText('3 tasks left out: already replayed.').waitFor()
  expect(await dialog.getByRole('button', { name: 'Replay 0 tasks' }).isDisabled()).toBe(true)
}, 60_000)

describe('with 100,000 tasks', () => {
  const COUNT = 100_000

  beforeAll(async () => {
    const { body } = await program.api('GET', '/api/agents')
    const client = new pg.Client({
      host: join(program.dataDir, 'postgres/socket'),
      user: 'bellwire',
      database: 'bellwire',
    })
    await client.connect()
    await client.query(
      `insert into bellwire.tasks (id, agent_id, revision, origin, state, payload, request, error, created_at, started_at,
          finished_at)
        select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || lpad(to_hex(n), 20, '0'))::uuid,
          $1, 1, 'webhook', case when n % 500 = 0 then 'FAILURE' else 'SUCCESS' end::bellwire.task_state,
          convert_to(json_build_object('title', 'Order ' || n)::text, 'UTF8'), '{"method":"POST","headers":{},"query":{}}',
          case when n % 500 = 0 then json_build_object('code', 'provider_unavailable', 'message', 'Gone.') end, at, at, at
        from (select n, now() - interval '1 hour' - make_interval(secs => n * 0.7) as at
          from generate_series(1, $2::int) n) s`,
      [body.data[0].id, COUNT],
    )
    await client.query('analyze bellwire.tasks')
    await client.end()
  }, 60_000)

  it('renders only the rows in the window, loads more on scrolling, and supports the keyboard', async () => {
    const page = await signedIn()
    await page.goto('/tasks')
    const rows = rowsOf(page)
    await rows.first().waitFor()
    await page.getByRole('link', { name: /^Failed 200$/ }).waitFor({ timeout: 30_000 })
    const read = new Set<string>()
    for (let turn = 0; turn < 12; turn += 1) {
      const before = read.size
      await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)')
      await expect
        .poll(async () => {
          for (const title of await rows.getByRole('link').allInnerTexts()) read.add(title)
          return read.size
        }, PATIENT)
        .toBeGreaterThan(before)
      expect(await rows.count()).toBeLessThan(80)
    }
    const last = Number(await rows.last().getAttribute('aria-rowindex'))
    expect(last).toBeGreaterThan(500)
    await page.getByText('Not refreshed while you scroll').waitFor()
    await page.getByRole('button', { name: 'Back to the newest' }).click()
    await page.locator('tr[aria-rowindex="2"]').waitFor()

    // Scrolls down by keyboard beyond the rows rendered at first; then selects three, and then one more.
    await page.keyboard.press('j')
    for (let turn = 0; turn < 60; turn += 1) await page.keyboard.press('j')
    await expect
      .poll(() => page.evaluate('document.activeElement.closest("tr")?.ariaRowIndex'), PATIENT)
      .toBe('62')
    await page.keyboard.press('x')
    await page.keyboard.press('Shift+J')
    await page.keyboard.press('Shift+J')
    const bar = page.getByRole('toolbar', { name: 'Selected tasks' })
    await bar.getByText('3 tasks selected').waitFor()
    await page.locator('tr[aria-rowindex="68"] input').click({ modifiers: ['Shift'] })
    await bar.getByText('7 tasks selected').waitFor()
    expect(await faults(page)).toEqual([])
    await page.keyboard.press('Escape')
    await bar.waitFor({ state: 'detached' })
    await page.keyboard.press('Enter')
    await page.waitForURL('**/tasks/0*')
  }, 60_000)

  it('acts on all matching tasks, not only on those that were loaded', async () => {
    const page = await signedIn()
    await page.goto('/tasks?state=FAILURE&error=provider_unavailable')
    const rows = rowsOf(page)
    await rows.first().waitFor()
    await page.getByRole('link', { name: /^Failed 200$/ }).waitFor({ timeout: 30_000 })
    await page.getByLabel('Select all loaded tasks').check()
    const bar = page.getByRole('toolbar', { name: 'Selected tasks' })
    await bar.getByText('100 tasks selected').waitFor()
    await bar.getByRole('button', { name: 'Select all 200' }).click()
    await bar.getByText('All 200 tasks selected').waitFor()
    await bar.getByRole('button', { name: 'Replay' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Replay 200 tasks' }).click()
    await dialog.getByText('200 replays started').waitFor({ timeout: 40_000 })
  }, 90_000)
})

it.each([
  { colorScheme: 'light', viewport: DESK },
  { colorScheme: 'dark', viewport: PHONE },
] as const)(
  'is accessible in $colorScheme',
  async (options) => {
    await startDemo()
    const page = await signedIn(options)
    for (const path of ['/tasks', '/tasks?state=FAILURE&group=error&range=all', '/tasks?range=all&q=Order']) {
      await page.goto(path)
      await page.getByRole('link', { name: /^All \d/ }).waitFor({ timeout: 30_000 })
      expect([path, await fits(page), await faults(page)]).toEqual([path, true, []])
    }
  },
  60_000,
)
