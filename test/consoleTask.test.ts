import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import { callTools, fail, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startProgram, type Program } from './harness/program.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

const { signedIn, expectOutage } = openConsole()

let model: ModelServer
let tools: ToolServer
let program: Program
let refunds: { id: string; url: string }

const PARAMETERS = {
  type: 'object',
  properties: {
    cents: { type: 'integer', minimum: 1, title: 'Amount in cents' },
    order: { type: 'string' },
    notify: { type: 'boolean' },
  },
  required: ['cents'],
  additionalProperties: false,
}

beforeAll(async () => {
  ;[model, tools] = await Promise.all([startModelServer(), startToolServer()])
  program = await startProgram({
    env: { LOCAL_MODEL_BASE_URL: model.url, BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8' },
  })
  const look = {
    type: 'http',
    name: 'get_order',
    description: 'Reads an order.',
    url: `${tools.url}/orders/{{ id }}`,
    access: 'read',
    parameters: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
  }
  const refund = {
    type: 'http',
    name: 'refund',
    description: 'Pays back.',
    method: 'POST',
    url: `${tools.url}/refunds`,
    access: 'write',
    approval: 'always',
    parameters: PARAMETERS,
  }
  refunds = await makeAgent({ name: 'Refunds', model: 'local/clerk', tools: [look, refund] })
}, 90_000)
afterAll(async () => {
  await program?.remove()
  await Promise.all([model?.stop(), tools?.stop()])
})
beforeEach(() => {
  model.reset()
  tools.reset()
})

async function makeAgent(config: object): Promise<{ id: string; url: string }> {
  const { body: agent } = await program.api('POST', '/api/agents', { instructions: 'Help.', ...config })
  const { body: webhook } = await program.api('GET', `/api/agent_webhook?id=${agent.id}`)
  return { id: agent.id, url: new URL(new URL(webhook.webhook_url).pathname, program.url).href }
}

async function start(url: string, payload: object, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(payload),
  })
  return ((await response.json()) as { task_id: string }).task_id
}

const reach = (id: string, state: string) =>
  waitFor(async () => (await program.api('GET', `/api/tasks/${id}`)).body.state === state, {
    what: `the state ${state}`,
  })

const askRefund = (id: string, cents: number | string, more: object = {}) =>
  callTools([{ id, name: 'refund', arguments: `{"cents":${cents},"order":"1024"}` }], more)

/** The steps of the run, without the request and the prompt. */
const steps = (page: Page) => page.getByRole('list', { name: 'Steps' }).getByRole('listitem')

it('replays a failed task, and compares the two', async () => {
  const { url } = await makeAgent({ name: 'Locked out', model: 'local/writer' })
  model.handle(() => fail(401, 'Incorrect API key provided.'))
  const failed = await start(url, { question: 'One?' }, { prefer: 'wait=20' })
  model.handle(() => say('Mended.'))

  const page = await signedIn({}, program)
  await page.goto(`/tasks/${failed}`)
  // The error has a button for its fix.
  await page.getByRole('alert').getByText('The model provider rejected the API key').waitFor()
  await page.getByRole('alert').getByRole('button', { name: 'Replay' }).click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.getByLabel('Calls').inputValue()).toBe('continue')
  await dialog.getByLabel('Revision').selectOption('latest')
  expect(await dialog.getByLabel('Calls').inputValue()).toBe('recorded')
  await dialog.getByLabel('Revision').selectOption('same')
  await dialog.getByRole('button', { name: 'Replay task' }).click()
  await page.getByTestId('answer').filter({ hasText: 'Mended.' }).waitFor()
  expect(page.url()).not.toContain(failed)
  // The new and the old task link to each other.
  await page.getByRole('link', { name: `…${failed.slice(-12)}` }).click()
  await page.waitForURL(`**/tasks/${failed}`)
  const { body: old } = await program.api('GET', `/api/tasks/${failed}`)
  await page.getByRole('link', { name: `…${old.replays[0].slice(-12)}` }).waitFor()
  await page.getByRole('link', { name: 'Compare' }).click()
  await page.waitForURL(`**/tasks/${failed}/compare/${old.replays[0]}`)
  await page.getByText('Different: state, error, answer, 2 steps.').waitFor()
  await page.getByText('Mended.').first().waitFor()
  await page.getByRole('list', { name: 'Compared steps' }).getByText('only on the right').first().click()
  expect(await faults(page)).toEqual([])
}, 60_000)

it('shows the whole request, prompt and steps', async () => {
  tools.handle(({ path }) =>
    path === '/orders/7'
      ? { status: 500, body: { message: 'shelf is on fire' } }
      : { body: { items: [{ name: 'Bell', count: 1 }], text: 'x'.repeat(70_000) } },
  )
  model.script(
    callTools(
      [
        { id: 'a', name: 'get_order', arguments: { id: '1024' } },
        { id: 'b', name: 'get_order', arguments: { id: '7' } },
      ],
      { text: 'I look for both.' },
    ),
    say(
      '## It is *here*\n\n| item | count |\n| --- | --- |\n| Bell | 1 |\n\n![pixel](https://evil.example.com/p.png) ' +
        '<img src="https://evil.example.com/q.png"> [a](javascript:alert(1)) [docs](https://docs.example.com/)',
    ),
  )
  const id = await start(refunds.url, { subject: 'Where is my bell?', order: '1024' }, { prefer: 'wait=20' })
  const page = await signedIn({}, program)
  await page.goto(`/tasks/${id}`)
  await page.getByRole('heading', { level: 1, name: 'Where is my bell?' }).waitFor()

  // The answer is Markdown and causes no requests: the harness checks that no other host is contacted.
  const answer = page.getByTestId('answer')
  await answer.getByRole('cell', { name: 'Bell' }).waitFor()
  expect(await answer.locator('img').count()).toBe(0)
  await answer.getByText('<img src="https://evil.example.com/q.png">').waitFor()
  expect(await answer.getByRole('link').allInnerTexts()).toEqual(['docs'])
  await page.getByRole('button', { name: 'Show as text' }).click()
  await answer.getByText('## It is *here*').waitFor()

  const run = page.getByRole('region', { name: 'Run' })
  await run.getByRole('group', { name: 'Payload' }).getByText('Where is my bell?').waitFor()
  await run.getByRole('button', { name: 'Prompt' }).click()
  await run.getByRole('list', { name: 'Messages' }).getByText('Help.').waitFor()

  await steps(page).filter({ hasText: '"7"' }).getByText('failed').waitFor()
  await steps(page).filter({ hasText: 'shelf is on fire' }).getByRole('button').click()
  await run.getByRole('alert').getByText('shelf is on fire').waitFor()
  await steps(page).filter({ hasText: '"1024"' }).getByRole('button').click()
  await run.getByText('Result: HTTP 200').waitFor()
  const result = run.getByRole('group', { name: /^Result/ })
  await expect.poll(async () => (await result.innerText()).length, PATIENT).toBeGreaterThan(65_000)
  expect(page.url()).toContain('?step=tool')
  expect(await faults(page)).toEqual([])
  await page.reload()
  await run.getByText('Result: HTTP 200').waitFor()

  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Copy status link' }).waitFor()
  expect(await faults(page)).toEqual([])
}, 60_000)

it('shows an answer as text only when the code that formats it cannot be loaded', async () => {
  model.script(say('## Mended\n\nIt is **done**.'))
  const id = await start(refunds.url, { subject: 'Is it mended?' }, { prefer: 'wait=20' })
  const page = await signedIn({}, program)
  const held: (() => void)[] = []
  await page.route('**/Markdown-*.js', async (route) => {
    await new Promise<void>((resolve) => held.push(resolve))
    await route.continue()
  })
  // Every text that the answer has from its first frame on.
  await page.addInitScript(`
    window.texts = new Set()
    new MutationObserver(() => texts.add(document.body?.innerText ?? ''))
      .observe(document, { childList: true, subtree: true, characterData: true })
  `)
  await page.goto(`/tasks/${id}`)
  const outcome = page.getByRole('region', { name: 'Result' })
  await outcome.getByRole('group', { name: 'Loading the answer' }).waitFor()
  expect(held).toHaveLength(1)
  for (const release of held) release()
  await page.getByTestId('answer').getByRole('heading', { name: 'Mended' }).waitFor()
  const texts: string[] = await page.evaluate('[...texts]')
  expect(texts.filter((text) => text.includes('**done**'))).toEqual([])

  expectOutage()
  await page.unroute('**/Markdown-*.js')
  await page.route('**/Markdown-*.js', (route) => route.abort())
  await page.reload()
  await page.getByTestId('answer').getByText('## Mended').waitFor()
  expect(await faults(page)).toEqual([])
}, 60_000)

it('puts the decision first, and shows what a failed run had achieved', async () => {
  model.script(
    askRefund('a', '9007199254740993', { text: 'It never arrived.' }),
    askRefund('b', 100),
    askRefund('c', 7),
    fail(400, 'no more of this'),
  )
  const id = await start(refunds.url, { subject: 'Give it back' })
  await reach(id, 'WAITING')

  const page = await signedIn({}, program)
  await page.goto(`/tasks/${id}`)
  const decisions = page.getByRole('list', { name: 'Decisions' })
  await decisions.getByRole('heading', { name: 'refund: cents 9007199254740993, order 1024' }).waitFor()
  await decisions.getByText('It never arrived.').waitFor()
  expect(await faults(page)).toEqual([])
  await decisions.getByRole('button', { name: 'Edit arguments' }).click()
  // A number with more digits than JavaScript can hold keeps them, in display and when sent.
  const cents = page.getByLabel('Amount in cents')
  expect(await cents.inputValue()).toBe('9007199254740993')
  await cents.fill('0')
  await decisions.getByRole('button', { name: 'Approve with edits' }).click()
  await decisions.getByText(/must be >= 1/).waitFor()
  expect(await faults(page)).toEqual([])
  await cents.fill('9007199254740995')
  await page.getByLabel('notify').selectOption('Yes')
  await decisions.getByRole('button', { name: 'Edit as JSON' }).click()
  expect(await page.getByLabel('Arguments', { exact: true }).inputValue()).toBe(
    '{ "cents": 9007199254740995, "order": "1024", "notify": true }',
  )
  await decisions.getByRole('button', { name: 'Approve with edits' }).click()
  const approvals = page.getByRole('region', { name: 'Approvals' })
  await approvals.getByText(/approved with edited arguments in the console/).waitFor()

  await decisions.getByRole('button', { name: 'Deny' }).click()
  await page.getByLabel('Reason').fill('It has arrived.')
  await decisions.getByRole('button', { name: 'Deny call' }).click()
  await approvals.getByText(/denied .*: It has arrived\./).waitFor()

  // Someone else decides first: the page says so, and shows that decision.
  const approve = decisions.getByRole('button', { name: 'Approve', exact: true })
  await approve.waitFor()
  await page.route('**/approve', async (route) => {
    const { body } = await program.api('GET', `/api/approvals?state=waiting&agent_id=${refunds.id}`)
    await program.api('POST', `/api/approvals/${body.data[0].id}/approve`)
    await route.continue()
  })
  await approve.click()
  await decisions.getByText('This cannot be undone').waitFor()
  await decisions.getByRole('button', { name: 'Approve call' }).click()
  await page.getByText('Failure', { exact: true }).waitFor()
  expect(await approvals.getByText(/approved /).count()).toBe(2)
  expect(tools.requests.map(({ body }) => body)).toEqual([
    '{"cents":9007199254740995,"order":"1024","notify":true}',
    '{"cents":7,"order":"1024"}',
  ])

  // The failed step is already selected; what was sent to the model is shown.
  const run = page.getByRole('region', { name: 'Run' })
  await run.getByRole('list', { name: 'Messages' }).getByText('It has arrived.').waitFor()
  await run
    .getByText(/^Waited for a person/)
    .first()
    .waitFor()
  await page.getByRole('group', { name: 'Tool calls' }).getByText('9007199254740995').first().waitFor()
  expect(await faults(page)).toEqual([])
}, 60_000)

it('is an inbox for all waiting calls: by keyboard, and many calls of one tool together', async () => {
  model.handle(({ body }) =>
    body.messages.some(({ role }) => role === 'tool')
      ? say('Done.')
      : askRefund('a', JSON.stringify(body.messages).length % 1_000),
  )
  const ids: string[] = []
  for (const n of [1, 2, 3, 4, 5]) {
    const id = await start(refunds.url, { subject: `Order ${n} is lost` })
    await reach(id, 'WAITING')
    ids.push(id)
  }

  const page = await signedIn({}, program)
  await page.getByRole('link', { name: '5 waiting for approval' }).click()
  await page.waitForURL('**/approvals')
  const items = page.getByRole('list', { name: 'Approvals' }).locator('> li')
  await expect.poll(() => items.count(), PATIENT).toBe(5)
  await items.first().getByRole('link', { name: 'Order 5 is lost' }).waitFor()
  expect(await faults(page)).toEqual([])

  // Approving and denying both ask for confirmation.
  await page.keyboard.press('j')
  await page.keyboard.press('a')
  await items.first().getByRole('group', { name: 'Confirm approval' }).waitFor()
  expect(await faults(page)).toEqual([])
  await page.keyboard.press('Escape')
  await items.first().getByRole('button', { name: 'Approve', exact: true }).waitFor()
  expect(tools.requests).toEqual([])
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  await page.keyboard.press('d')
  await items.first().getByLabel('Reason').fill('Not lost.')
  await page.keyboard.press('Enter')
  await expect.poll(() => items.count(), PATIENT).toBe(4)
  await reach(ids[4] ?? '', 'SUCCESS')
  expect(tools.requests).toEqual([])

  await items.first().getByRole('checkbox').check()
  const bar = page.getByRole('toolbar', { name: 'Selected approvals' })
  await bar.getByText('1 call of refund selected').waitFor()
  await bar.getByRole('button', { name: 'Select all 4' }).click()
  await bar.getByRole('button', { name: 'Approve' }).click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.getByRole('listitem').count()).toBe(4)
  expect(await faults(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Approve 4 calls' }).click()
  await dialog.getByText('4 calls approved').waitFor()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('heading', { name: 'Nothing to decide' }).waitFor()
  for (const id of ids) await reach(id, 'SUCCESS')
  expect(tools.requests).toHaveLength(4)
  await page.getByRole('link', { name: 'Decided' }).click()
  await items.getByText(/denied in the console .*: Not lost\./).waitFor()
}, 60_000)

it('shows the beginning of a long payload, with a link to the whole payload', async () => {
  model.handle(() => say('Noted.'))
  const id = await start(refunds.url, { subject: 'A long one', text: 'x'.repeat(100_000), last: 'the end' })
  await reach(id, 'SUCCESS')
  const page = await signedIn({}, program)
  await page.goto(`/tasks/${id}`)
  const request = page.getByRole('region', { name: 'Request details' })
  await request.getByText(/"subject": ?"A long one"/).waitFor()
  const [whole] = await Promise.all([
    page.context().waitForEvent('page'),
    request.getByRole('link', { name: 'Open the whole payload' }).click(),
  ])
  await whole.getByText('the end').waitFor()
  expect(await faults(page)).toEqual([])
}, 60_000)

it.each([
  { colorScheme: 'light', viewport: DESK },
  { colorScheme: 'dark', viewport: PHONE },
] as const)(
  'is accessible in $colorScheme',
  async (options) => {
    model.handle(() => askRefund('a', 100))
    const id = await start(refunds.url, { subject: 'A small screen' })
    await reach(id, 'WAITING')
    const page = await signedIn(options, program)
    for (const [path, sign] of [
      [`/tasks/${id}`, 'Prompt'],
      ['/approvals', 'A small screen'],
      ['/approvals?state=decided', 'Decided'],
      [`/tasks/${id}/compare/${id}`, 'No differences'],
    ] as const) {
      await page.goto(path)
      await page.getByText(sign).filter({ visible: true }).first().waitFor()
      expect([path, await fits(page), await faults(page)]).toEqual([path, true, []])
    }
    await program.api('POST', `/api/tasks/${id}/cancel`)
  },
  60_000,
)
