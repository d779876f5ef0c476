import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'
import { say, startModelServer } from './harness/modelServer.ts'
import { startProgram, type Program } from './harness/program.ts'
import { waitFor } from './harness/waitFor.ts'

/** JavaScript that the first page may load, compressed. */
const FIRST_LOAD_BYTES = 250_000

const { program: running, newPage, signedIn } = openConsole()
let program: Program
beforeAll(() => {
  program = running()
})

/** The newest link that the program printed, at the URL that the tests use. */
function printedLink(): string {
  const path = /http:\/\/\S+(\/sign-in#\S+)/.exec(program.printed())?.[1]
  if (path === undefined) throw new Error(`no link in:\n${program.printed()}`)
  return path
}

/** Gives the demo agent something to do. */
async function startDemo(): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(program.demoUrl, { method: 'POST', headers, body: '{"question":"Now?"}' })
  expect(answer.status).toBe(200)
}

async function idOf(name: string): Promise<string> {
  const { body } = await program.api('GET', '/api/agents')
  return body.data.find((agent: { name: string }) => agent.name === name).id
}

it('leads a new user from the printed link to an answer', async () => {
  const page = await newPage({ permissions: ['clipboard-read', 'clipboard-write'] })
  const link = printedLink()
  await page.goto(link)
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  // The browser's back button must not lead to the code, which is used up and private.
  const code = link.split('#')[1] ?? ''
  await page.goBack()
  expect(page.url()).not.toContain(code)
  await page.goto('/agents')

  await page.getByRole('link', { name: /Demo/ }).click()
  await page.getByRole('heading', { name: 'Demo', level: 1 }).waitFor()
  const token = program.demoUrl.split('/').at(-1) ?? ''
  expect(await page.locator('body').innerHTML()).not.toContain(token)
  await page.getByRole('button', { name: 'Copy URL' }).click()
  await page.getByText('Copied').first().waitFor()
  expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(
    new RegExp(`/api/webhooks/agents/${token}$`),
  )
  await page.getByRole('button', { name: 'Copy curl snippet' }).click()
  await expect.poll(() => page.evaluate('navigator.clipboard.readText()'), PATIENT).toContain(`${token}' `)

  await page.getByLabel('Payload').fill('{ "question": "Who rings the bell?" }')
  await page.getByRole('button', { name: 'Send test' }).click()
  // The first task may have to wait until the worker is up.
  await page.getByText('Success', { exact: true }).waitFor({ timeout: 30_000 })
  expect(await page.getByTestId('answer').innerText()).toContain('Who rings the bell?')

  await page.getByRole('link', { name: 'Open task' }).click()
  await page.getByRole('heading', { name: 'Who rings the bell?', level: 1 }).waitFor()
  await page.getByRole('group', { name: 'Payload' }).getByText('Who rings the bell?').waitFor()
  await page.getByRole('button', { name: 'demo/assistant' }).click()
  await page.getByText('Output', { exact: true }).waitFor()

  // The link has been used, but a signed-in user does not need it.
  await page.goto(link)
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL('**/sign-in')
  await page.goto(link)
  expect(await page.getByRole('alert').innerText()).toContain('Restart Bellwire')
}, 60_000)

it('asks for sign-in, and then opens the requested page', async () => {
  const page = await newPage()
  await page.goto('/tasks?state=FAILURE')
  await page.getByLabel('Admin key').fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await page.getByLabel('Admin key').fill(program.adminKey)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/tasks?state=FAILURE')
  await page.getByRole('heading', { name: 'No failed tasks' }).waitFor()
})

it('creates an agent from a template, tests it, exports it, imports it and duplicates it', async () => {
  const page = await signedIn()
  await page.goto('/agents')
  await page.getByRole('link', { name: 'New agent' }).click()
  await page.getByRole('button', { name: 'GitHub issue triage' }).click()
  expect(await page.getByLabel('Name').inputValue()).toBe('Issue triage')
  await page.getByRole('button', { name: 'Create agent' }).click()
  await page.getByRole('heading', { name: 'Issue triage', level: 1 }).waitFor()
  expect(await page.getByLabel('Payload').inputValue()).toContain('Checkout fails with error 5')
  await page.getByRole('button', { name: 'Send test' }).click()
  await page
    .getByText(/canned/)
    .first()
    .waitFor()

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('issue-triage.yaml')
  const file = await readFile(await download.path(), 'utf8')
  expect(file).toContain('source: github')

  await page.getByRole('link', { name: 'Duplicate' }).click()
  await page.getByRole('heading', { name: 'Duplicate Issue triage' }).waitFor()
  expect(await page.getByLabel('Name').inputValue()).toBe('Issue triage (copy)')
  await page.getByRole('button', { name: 'Create agent' }).click()
  await page.getByRole('heading', { name: 'Issue triage (copy)', level: 1 }).waitFor()

  await page.goto(`${program.url}/agents/new`)
  const choose = async (text: string): Promise<void> => {
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Import file' }).click(),
    ])
    await chooser.setFiles({ name: 'agent.yaml', mimeType: 'application/yaml', buffer: Buffer.from(text) })
  }
  await choose(file.replace('filter:', 'filtre:'))
  await page.getByText(/did you mean "filter"/).waitFor()
  await choose(file.replace('name: Issue triage', 'name: Imported triage'))
  await page.getByRole('heading', { name: 'Imported triage', level: 1 }).waitFor()
})

it('creates an agent, refuses invalid changes, saves valid ones, and deletes it', async () => {
  const page = await signedIn()
  await page.goto('/agents')
  await page.getByRole('link', { name: 'New agent' }).click()
  await page.getByLabel('Name').fill('Bell ringer')
  await page.getByRole('combobox', { name: 'Model' }).fill('nowhere/model')
  await page.getByRole('radiogroup', { name: 'Edit tools as' }).getByText('JSON').click()
  await page.getByLabel('Tools as JSON').fill('[,')
  await page.getByRole('button', { name: 'Create agent' }).click()
  await page.getByText(/Invalid JSON/).waitFor()
  await page.getByLabel('Tools as JSON').fill('[]')
  await page.getByRole('button', { name: 'Add tool' }).click()
  await page.getByRole('button', { name: /^GET with a query/ }).click()
  await page.getByRole('button', { name: 'Create agent' }).click()
  await page.getByText(/no provider "nowhere"/).waitFor()
  await expect.poll(() => page.evaluate('document.activeElement.dataset.field'), PATIENT).toBe('model')
  await page.getByRole('combobox', { name: 'Model' }).fill('demo/assistant')
  await page.getByRole('button', { name: 'Create agent' }).click()
  await page.getByRole('heading', { name: 'Bell ringer', level: 1 }).waitFor()
  await page.getByText('/api/webhooks/agents/••••').first().waitFor()

  await page.getByRole('link', { name: 'Configure' }).click()
  await page.getByRole('textbox', { name: 'Instructions' }).fill('Ring {{ broken')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText(/line 1, column/).waitFor()
  await page.getByRole('textbox', { name: 'Instructions' }).fill('Ring it.')
  await page.getByLabel('Main').getByRole('link', { name: 'Tasks' }).click()
  await page
    .getByRole('dialog', { name: 'Leave without saving?' })
    .getByRole('button', { name: 'Stay' })
    .click()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Live revision: 2').waitFor()

  await page.getByRole('button', { name: 'Delete agent' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await page.waitForURL('**/agents')
  await page.getByRole('link', { name: /Demo/ }).waitFor()
  expect(await page.getByRole('link', { name: /Bell ringer/ }).count()).toBe(0)
})

it('shows the first request of a webhook as it arrives, and applies its suggestions', async () => {
  const { body: agent } = await program.api('POST', '/api/agents', {
    name: 'Rung',
    instructions: '',
    model: 'demo/assistant',
  })
  const { body: made } = await program.api('GET', `/api/agent_webhook?id=${agent.id}`)
  const page = await signedIn({ viewport: PHONE })
  await page.goto(`/agents/${agent.id}`)
  await page.getByText('Waiting for the first request').waitFor()
  expect(await faults(page)).toEqual([])

  await fetch(made.webhook_url.replace('localhost', '127.0.0.1'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-github-event': 'issues' },
    body: '{"action":"opened","issue":{"title":"It crashes"}}',
  })
  await page.getByText('Looks like GitHub (high confidence)').waitFor(PATIENT)
  await page.getByText('It crashes').waitFor()
  await page.getByLabel('Secret').fill('it is a secret')
  await page.getByRole('switch', { name: 'Message' }).press('Space')
  await page.getByLabel('Suggested message').getByText('payload.issue.title').waitFor()
  expect(await faults(page)).toEqual([])
  await page.getByRole('button', { name: 'Apply' }).click()
  await page.getByText('Looks like GitHub').waitFor({ state: 'detached' })
  const { body: webhooks } = await program.api('GET', `/api/agents/${agent.id}/webhooks`)
  expect(webhooks.data[0]).toMatchObject({ source: 'github', secrets: { count: 1 } })
  const { body: after } = await program.api('GET', `/api/agents/${agent.id}`)
  expect(after.message).toContain('payload.issue.title')
})

it('shows how many tasks a webhook holds, and releases them', async () => {
  const { body: agent } = await program.api('POST', '/api/agents', {
    name: 'Held',
    instructions: '',
    model: 'demo/assistant',
  })
  await program.api('GET', `/api/agent_webhook?id=${agent.id}`)
  const { body: list } = await program.api('GET', `/api/agents/${agent.id}/webhooks`)
  const [webhook] = list.data
  await program.api('PATCH', `/api/agents/${agent.id}/webhooks/${webhook.id}`, { hold: true })
  const headers = { 'content-type': 'application/json' }
  const url = webhook.url.replace('localhost', '127.0.0.1')
  const started = await fetch(url, { method: 'POST', headers, body: '{}' })
  expect(started.status).toBe(200)
  const page = await signedIn()
  await page.goto(`/agents/${agent.id}`)
  await page.getByText('1 held task').waitFor()
  expect(await faults(page)).toEqual([])
  await page.getByRole('button', { name: 'Release all' }).click()
  await page.getByText('1 held task').waitFor({ state: 'detached' })
  await waitFor(
    async () => {
      const { body } = await program.api('GET', `/api/tasks?agent_id=${agent.id}`)
      return body.data[0].state === 'SUCCESS'
    },
    { what: 'the released task' },
  )
})

it('turns a webhook off and on, and gives it a new URL', async () => {
  const { body: agent } = await program.api('POST', '/api/agents', {
    name: 'Rotated',
    instructions: '',
    model: 'demo/assistant',
  })
  const read = async () => (await program.api('GET', `/api/agents/${agent.id}/webhooks`)).body.data[0]
  const page = await signedIn()
  await page.goto(`/agents/${agent.id}`)
  await page.getByRole('button', { name: 'Create webhook' }).click()
  const toggle = page.getByRole('switch')
  await toggle.waitFor()
  const { url: before } = await read()

  await toggle.press('Space')
  await page.getByText('This webhook is off').waitFor()
  expect((await fetch(before, { method: 'POST', body: '{}' })).status).toBe(404)
  expect(await page.getByRole('button', { name: 'Send test' }).isDisabled()).toBe(true)
  await toggle.press('Space')
  await page.getByText('Keep it secret').waitFor()

  await page.getByRole('button', { name: 'Rotate' }).click()
  await page.getByRole('radio', { name: 'In an hour' }).check()
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click()
  await page.getByText('URL rotated').waitFor()
  const { url: after } = await read()
  expect(after).not.toBe(before)
  const send = (url: string) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  await expect.poll(async () => (await send(after)).status, PATIENT).toBe(200)
  expect((await send(before)).status).toBe(200)
})

it('loads little initially', async () => {
  const page = await newPage()
  const sizes: Promise<number>[] = []
  page.on('requestfinished', (request) => {
    if (request.resourceType() === 'script') {
      sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize))
    }
  })
  await page.goto(`/sign-in`)
  await page.getByLabel('Admin key').fill(program.adminKey)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  await page.waitForLoadState('networkidle')
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  expect(bytes).toBeGreaterThan(50_000)
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES)
})

describe.each([
  { colorScheme: 'light', viewport: DESK },
  { colorScheme: 'dark', viewport: PHONE },
] as const)('in $colorScheme, every page', (options) => {
  it(`can be used by everybody, and fits ${options.viewport.width} pixels`, async () => {
    const page = await signedIn(options)
    const demo = await idOf('Demo')
    await startDemo()
    const { body: tasks } = await program.api('GET', `/api/tasks?agent_id=${demo}&limit=1`)
    const pages: [path: string, sign: string][] = [
      ['/', 'Success rate'],
      ['/usage', 'Model calls'],
      ['/settings/health', 'Workers alive'],
      ['/agents', 'New agent'],
      ['/agents/new', 'Create agent'],
      [`/agents/${demo}`, 'Send test'],
      [`/agents/${demo}/configure`, 'Delete agent'],
      [`/agents/${demo}/tasks`, 'Success'],
      [`/agents/${demo}/schedules`, 'No schedules yet'],
      ['/rejections?reason=own_echo', 'No rejections match'],
      ['/rejections/00000000-0000-7000-8000-000000000000', 'Page not found'],
      [`/agents/${demo}/webhooks/00000000-0000-7000-8000-000000000000`, 'Page not found'],
      ['/tasks', 'Success'],
      ['/tasks?state=WAITING', 'appear here automatically'],
      [`/tasks/${tasks.data[0].id}`, 'Source'],
      ['/tasks/00000000-0000-7000-8000-000000000000', 'Page not found'],
    ]
    for (const [path, sign] of pages) {
      await page.goto(path)
      await page.getByText(sign).filter({ visible: true }).first().waitFor()
      expect([path, await fits(page), await faults(page)]).toEqual([path, true, []])
    }

    await page.goto(`/agents/${demo}`)
    await page.getByRole('button', { name: 'Rotate' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await faults(page)).toEqual([])

    await page.context().clearCookies()
    await page.goto('/sign-in#wrong')
    await page.getByRole('alert').waitFor()
    expect(await faults(page)).toEqual([])
  }, 60_000)
})

it('follows the system into dark mode, and the switch', async () => {
  const page = await newPage({ colorScheme: 'dark' })
  const scheme = () => page.evaluate('document.documentElement.dataset.mantineColorScheme')
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Switch to light' }).click()
  expect(await scheme()).toBe('light')
  await page.reload()
  await page.getByRole('button', { name: 'Switch to dark' }).waitFor()
  expect(await scheme()).toBe('light')
  await page.getByRole('button', { name: 'Switch to dark' }).click()
  await page.emulateMedia({ colorScheme: 'light' })
  await expect.poll(scheme, PATIENT).toBe('light')
})

it("shows the model's text as it is written, and cancels the task", async ({ onTestFinished }) => {
  const model = await startModelServer()
  onTestFinished(() => model.stop())
  const program = await startProgram({ env: { LOCAL_MODEL_BASE_URL: model.url } })
  onTestFinished(() => program.remove())
  const { body: agent } = await program.api('POST', '/api/agents', {
    name: 'Writer',
    instructions: 'Write.',
    model: 'local/writer',
  })
  await program.api('GET', `/api/agent_webhook?id=${agent.id}`)
  const page = await signedIn({}, program)
  await page.goto(`/agents/${agent.id}`)
  const answer = page.getByTestId('answer')

  // The whole text is there, however late the page follows; the last piece waits for its reader.
  const write = (end: string, until: Promise<void>) => {
    const pieces = [...Array.from({ length: 100 }, () => 'ring '), end]
    const beforePiece = (index: number) => (index === 100 ? until : undefined)
    model.script(say('', { pieces, beforePiece }))
  }
  const seen = Promise.withResolvers<void>()
  write('at noon', seen.promise)
  await page.getByRole('button', { name: 'Send test' }).click()
  await expect.poll(() => answer.innerText(), PATIENT).toBe('ring '.repeat(100))
  await page.getByText('Started', { exact: true }).waitFor()
  expect(await answer.innerText()).toBe('ring '.repeat(100))
  seen.resolve()
  await page.getByText('Success', { exact: true }).waitFor()
  await expect.poll(() => answer.innerText(), PATIENT).toBe(`${'ring '.repeat(100)}at noon`)

  // A continued answer goes on in the middle of the text.
  const whole = Promise.withResolvers<void>()
  model.script(
    say('It rin', { finishReason: 'length' }),
    say('', { pieces: ['gs at', ' one'], beforePiece: (index) => (index === 1 ? whole.promise : undefined) }),
  )
  await page.getByRole('button', { name: 'Send test' }).click()
  await expect.poll(() => answer.innerText(), PATIENT).toBe('It rings at')
  whole.resolve()
  await expect.poll(() => answer.innerText(), PATIENT).toBe('It rings at one')

  const never = Promise.withResolvers<void>()
  write('', never.promise)
  await page.getByRole('button', { name: 'Send test' }).click()
  await expect.poll(() => answer.innerText(), PATIENT).toMatch(/^(ring ?)+$/)
  await page.getByRole('link', { name: 'Open task' }).click()
  await page.getByRole('button', { name: 'Cancel task' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel task' }).click()
  await page.getByText('Cancelled', { exact: true }).first().waitFor()
  await page.getByText('The task was cancelled', { exact: true }).waitFor()
  never.resolve()
}, 60_000)
