import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ACCESS } from '../src/contract/access.ts'
import type { Role } from '../src/contract/role.ts'
import { hasRole } from '../src/contract/roleOrder.ts'
import { toolTexts } from './harness/callbackModel.ts'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import { callTools, say, startModelServer } from './harness/modelServer.ts'
import type { Program } from './harness/program.ts'
import { startToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

const model = await startModelServer(({ body }) =>
  toolTexts(body).length === 0 ? callTools([{ id: 'p', name: 'pay', arguments: {} }]) : say('Done.'),
)
const tools = await startToolServer()
const { newPage, program: running } = openConsole({
  env: { LOCAL_MODEL_BASE_URL: model.url, BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8' },
})

/** The addresses of all pages. */
let pages: string[]

beforeAll(async () => {
  pages = await furnish(running())
}, 60_000)
afterAll(() => Promise.all([model.stop(), tools.stop()]))

const SETTINGS = [
  'providers',
  'prices',
  'budgets',
  'secrets',
  'api-keys',
  'people',
  'sessions',
  'audit',
  'notices',
  'retention',
  'health',
]

/** What is clicked in a page: everything that acts, but links. */
const CONTROLS = `#main button, #main summary, #main input[type=checkbox], #main [role=switch],
  [role=dialog] button, [role=menu] [role=menuitem]`

/** More than any page has; a page that adds controls without end fails the test. */
const MOST_CLICKS = 80

/** An installation with one of everything that the console shows. */
async function furnish(program: Program): Promise<string[]> {
  const made = async (method: string, path: string, body?: unknown) => {
    const { status, body: answer } = await program.api(method, path, body)
    expect([path, status < 300, answer]).toEqual([path, true, answer])
    return answer
  }
  await made('PUT', '/api/secrets/TOKEN', { value: 'a-secret-value' })
  await made('PUT', '/api/prices/local%2Fpainter', { input: 1, output: 2 })
  await made('PUT', '/api/providers/gateway', {
    kind: 'openai_compatible',
    base_url: 'https://models.example/v1',
  })
  await made('PUT', '/api/notices', {
    channels: [{ type: 'slack', name: 'Ops', url: 'https://slack.example/x' }],
  })
  const agent = await made('POST', '/api/agents', {
    name: 'Payer',
    instructions: 'Pay.',
    model: 'local/payer',
    tools: [
      {
        type: 'http',
        name: 'pay',
        description: 'Pays.',
        method: 'POST',
        access: 'write',
        approval: 'always',
        url: `${tools.url}/payments`,
        headers: { 'X-Api-Key': 'written-out-credential' },
      },
    ],
  })
  await made('PATCH', `/api/agents/${agent.id}`, { instructions: 'Pay the bill.' })
  const at = `/api/agents/${agent.id}/webhooks`
  await made('GET', `/api/agent_webhook?id=${agent.id}`)
  const [first] = (await made('GET', at)).data
  await made('PATCH', `${at}/${first.id}`, { callback: { url: `${tools.url}/callback` } })
  const holding = await made('POST', at, { name: 'Holding', hold: true })
  const off = await made('POST', at, { name: 'Off' })
  await made('POST', `/api/agents/${agent.id}/schedules`, { cron: '0 3 1 1 *', name: 'Yearly' })
  const trigger = async (webhook: { url: string }) => {
    const response = await fetch(new URL(new URL(webhook.url).pathname, program.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"question":"Pay it."}',
    })
    return Object(await response.json()).task_id as string
  }
  const waiting = await trigger(first)
  const other = await trigger(first)
  await trigger(holding)
  await made('PATCH', `${at}/${off.id}`, { enabled: false })
  await trigger(off)
  const stateOf = async (id: string) => (await program.api('GET', `/api/tasks/${id}`)).body.state
  await waitFor(async () => (await stateOf(waiting)) === 'WAITING')
  await waitFor(async () => (await stateOf(other)) === 'WAITING')
  // Denied, so that the task ends; its callback is delivered.
  const approvals = (await made('GET', '/api/approvals')).data
  const own = approvals.find(({ task_id: id }: { task_id: string }) => id === other)
  await made('POST', `/api/approvals/${own.id}/deny`, {})
  await waitFor(async () => (await stateOf(other)) === 'SUCCESS')
  await waitFor(async () => (await program.api('GET', '/api/deliveries')).body.data[0]?.state === 'delivered')
  const rejections = await waitFor(async () => {
    const { body } = await program.api('GET', '/api/rejections')
    return body.data.length > 0 && body.data
  })
  await made('POST', '/api/users', {
    email: 'ada@example.com',
    name: 'Ada',
    role: 'owner',
    password: 'correct horse battery',
  })
  await made('POST', '/api/invitations', { email: 'grace@example.com', role: 'viewer' })
  return [
    '/',
    '/agents',
    '/agents/new',
    ...[
      '',
      '/configure',
      '/schedules',
      '/revisions',
      '/tasks',
      `/webhooks/${first.id}`,
      `/webhooks/${holding.id}`,
    ].map((path) => `/agents/${agent.id}${path}`),
    '/tasks',
    `/tasks/${waiting}`,
    `/tasks/${other}`,
    `/tasks/${waiting}/compare/${other}`,
    '/approvals',
    '/approvals?state=decided',
    '/rejections',
    `/rejections/${rejections[0].id}`,
    '/schedules',
    '/usage',
    ...SETTINGS.map((name) => `/settings/${name}`),
  ]
}

const ROUTES = Object.entries(ACCESS).map(([route, least]) => {
  const [method = '', path = ''] = route.split(' ')
  return {
    route,
    method,
    least,
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+').replace('*', '.*')}$`),
  }
})

/** What the table of access says about a request. */
function accessOf(method: string, url: string) {
  const { pathname } = new URL(url)
  return ROUTES.find((one) => one.method === method && one.pattern.test(pathname))
}

/**
 * Signs in with a role, and notes what is sent that this role may not send. What would change something does not reach
 * the server.
 */
async function signedInAs(role: Role) {
  const program = running()
  const { body: key } = await program.api('POST', '/api/api_keys', {
    name: `A ${role}`,
    scope: 'admin',
    role,
  })
  const page = await newPage({ viewport: DESK })
  const session = await page.request.post('/api/session', { data: { key: key.key } })
  expect(session.status()).toBe(200)
  const refused: { request: string; least: string }[] = []
  await page.route('**/api/**', async (route) => {
    const request = route.request()
    const access = accessOf(request.method(), request.url())
    const least = access?.least ?? 'owner'
    const may = least === 'anyone' || hasRole(role, least)
    if (!may) refused.push({ request: access?.route ?? `${request.method()} ${request.url()}`, least })
    const isRead = request.method() === 'GET' && access?.route !== 'GET /api/agent_webhook'
    if (may && (isRead || least === 'viewer') && request.method() !== 'DELETE') return route.continue()
    const problem = { code: 'conflict', title: 'Conflict', status: 409, detail: 'Not in this test.' }
    return route.fulfill({
      status: 409,
      contentType: 'application/problem+json',
      body: JSON.stringify(problem),
    })
  })
  return { page, refused }
}

/** Waits until a page shows what it has loaded. */
async function settled(page: Page): Promise<void> {
  await page.locator('#main h1').first().waitFor(PATIENT)
  await page
    .locator('#main .mantine-Skeleton-root')
    .first()
    .waitFor({ state: 'detached', ...PATIENT })
}

/** Fills in what a form requires, so that only the role decides whether it is sent. */
const FILL = `for (const input of document.querySelectorAll('#main form :is(input, textarea), [role=dialog] input')) {
  if (input.value !== '' || input.readOnly || input.disabled || ['checkbox', 'radio', 'file'].includes(input.type)) continue
  const text = { email: 'x@example.com', url: 'https://x.example', number: '1', password: 'correct horse battery' }[input.type]
  const proto = input instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement
  Object.getOwnPropertyDescriptor(proto.prototype, 'value').set.call(input, text ?? (input.inputMode ? '1' : 'X1'))
  input.dispatchEvent(new Event('input', { bubbles: true }))
}`

/** Finds a control that is shown and not among the known ones: its name, and its place among all. Ways back come last. */
const NEXT = `((known) => {
  const dialog = document.querySelector('[role=dialog]')
  const found = []
  for (const [at, node] of [...document.querySelectorAll(${JSON.stringify(CONTROLS)})].entries()) {
    const box = node.closest('[role=dialog], [role=menu]')
    if (!node.checkVisibility() || node.matches(':disabled, [aria-disabled=true]') || (dialog && !box)) continue
    const own = (node.getAttribute('aria-label') || node.textContent || node.id || node.tagName).trim().slice(0, 80)
    const name = box ? (box.querySelector('h2')?.textContent ?? 'menu') + ' > ' + own : own
    const isWayBack = box !== null && /^(Cancel|Close|Back|Keep running)?$/.test(own)
    if (!known.includes(name)) found.push([isWayBack, name, at])
  }
  const [first] = found.toSorted(([one], [other]) => Number(one) - Number(other))
  return first ? first.slice(1) : null
})`

/** Clicks every control of a page, and of what opens; returns those that sent what the role may not send. */
async function clickAll(
  page: Page,
  path: string,
  refused: { request: string; least: string }[],
): Promise<string[]> {
  const found: string[] = []
  const seen = new Set<string>()
  await page.goto(path)
  await settled(page)
  for (;;) {
    await page.evaluate(FILL)
    const next = (await page.evaluate(`${NEXT}(${JSON.stringify([...seen])})`)) as [string, number] | null
    if (!next) {
      if ((await page.locator('[role=dialog]').count()) === 0) return found
      await page.keyboard.press('Escape')
      await page.locator('[role=dialog]').waitFor({ state: 'detached' })
      continue
    }
    const [name, at] = next
    seen.add(name)
    expect([path, seen.size < MOST_CLICKS]).toEqual([path, true])
    const before = refused.length
    await page.locator(CONTROLS).nth(at).click({ timeout: 3_000, force: true })
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
    for (const { request, least } of refused.slice(before))
      found.push(`${path}: ${name} sends ${request} (${least})`)
    const { pathname } = new URL(page.url())
    if (pathname !== path.split('?')[0]) {
      await page.goto(path)
      await settled(page)
    }
  }
}

it.each(['viewer', 'approver', 'editor'] as const)(
  'offers a person with the role %s nothing that the API refuses',
  async (role) => {
    const { page, refused } = await signedInAs(role)
    const found: string[] = []
    // More than a viewer, an approver may decide: what else is refused is the same.
    const shown = role === 'approver' ? pages.filter((path) => /^\/(approvals|tasks\/)/.test(path)) : pages
    for (const path of shown) found.push(...(await clickAll(page, path, refused)))
    expect(found).toEqual([])
    expect(refused).toEqual([])
  },
  300_000,
)

it('shows a viewer a tool without its credentials, and warns an editor of hard-coded ones', async () => {
  const path = pages.find((one) => one.endsWith('/configure')) ?? ''
  const { page: guest } = await signedInAs('viewer')
  await guest.goto(path)
  await guest.getByRole('button', { name: 'Show pay' }).click()
  await guest.getByRole('group', { name: 'Settings of pay' }).getByText('"X-Api-Key": "***"').waitFor()
  expect(
    await guest.getByRole('button', { name: /^(Edit|Try|More actions for) pay$|^Add tool$/ }).count(),
  ).toBe(0)
  expect(await guest.getByText('Hard-coded credential').count()).toBe(0)
  expect(await faults(guest)).toEqual([])
  const { page: editor } = await signedInAs('editor')
  await editor.goto(path)
  await editor.getByText('Hard-coded credential: headers X-Api-Key.', { exact: false }).waitFor()
  expect(await editor.getByRole('button', { name: 'Try pay' }).count()).toBe(1)
  expect([await faults(editor), await fits(editor)]).toEqual([[], true])
  await editor.setViewportSize(PHONE)
  expect(await fits(editor)).toBe(true)
}, 60_000)
