import { expect, it } from 'vitest'
import { faults, openConsole } from './harness/consolePages.ts'
import { callTools, fail, say, startModelServer } from './harness/modelServer.ts'
import { startProgram } from './harness/program.ts'
import { startToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

const { signedIn } = openConsole()

it('replays a failed task; the two link to each other', async ({ onTestFinished }) => {
  const model = await startModelServer()
  onTestFinished(() => model.stop())
  const program = await startProgram({ env: { LOCAL_MODEL_BASE_URL: model.url } })
  onTestFinished(() => program.remove())
  const { body: agent } = await program.api('POST', '/api/agents', {
    name: 'Locked out',
    instructions: 'Write.',
    model: 'local/writer',
  })
  const { body: webhook } = await program.api('GET', `/api/agent_webhook?id=${agent.id}`)
  const url = webhook.webhook_url.replace('localhost', '127.0.0.1')
  model.handle(() => fail(401, 'Incorrect API key provided.'))
  const failed: string[] = []
  for (const question of ['One?']) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=20' },
      body: JSON.stringify({ question }),
    })
    failed.push(((await response.json()) as { task_id: string }).task_id)
  }
  model.handle(() => say('Mended.'))

  const page = await signedIn({}, program)
  await page.goto(`/tasks/${failed[0]}`)
  await page.getByRole('button', { name: 'Replay' }).click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.getByLabel('Calls').inputValue()).toBe('continue')
  await dialog.getByLabel('Revision').selectOption('latest')
  expect(await dialog.getByLabel('Calls').inputValue()).toBe('recorded')
  await dialog.getByLabel('Revision').selectOption('same')
  await dialog.getByRole('button', { name: 'Replay task' }).click()
  await page.getByTestId('answer').filter({ hasText: 'Mended.' }).waitFor()
  expect(page.url()).not.toContain(failed[0])
  // The new task and the old one link to each other.
  await page.getByRole('link', { name: `…${failed[0]?.slice(-12)}` }).click()
  await page.waitForURL(`**/tasks/${failed[0]}`)
  const { body: old } = await program.api('GET', `/api/tasks/${failed[0]}`)
  await page.getByRole('link', { name: `…${old.replays[0].slice(-12)}` }).waitFor()
}, 60_000)

it('lets a person decide about calls, and shows what a run achieved before it failed', async ({
  onTestFinished,
}) => {
  const [model, tools] = await Promise.all([startModelServer(), startToolServer()])
  onTestFinished(async () => void (await Promise.all([model.stop(), tools.stop()])))
  const program = await startProgram({
    env: { LOCAL_MODEL_BASE_URL: model.url, BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8' },
  })
  onTestFinished(() => program.remove())
  const { body: agent } = await program.api('POST', '/api/agents', {
    name: 'Refunds',
    instructions: 'Give the money back.',
    model: 'local/clerk',
    tools: [
      {
        type: 'http',
        name: 'refund',
        description: 'Pays back.',
        method: 'POST',
        url: `${tools.url}/refunds`,
        access: 'write',
        approval: 'always',
        parameters: {
          type: 'object',
          properties: { cents: { type: 'integer', minimum: 1 } },
          required: ['cents'],
          additionalProperties: false,
        },
      },
    ],
  })
  const { body: webhook } = await program.api('GET', `/api/agent_webhook?id=${agent.id}`)
  const url = new URL(new URL(webhook.webhook_url).pathname, program.url)
  const refund = (id: string, cents: number | string) =>
    callTools([{ id, name: 'refund', arguments: `{"cents":${cents}}` }])
  model.script(
    refund('a', '9007199254740993'),
    refund('b', 100),
    refund('c', 7),
    fail(400, 'no more of this'),
  )
  const headers = { 'content-type': 'application/json' }
  const { task_id: id } = Object(await (await fetch(url, { method: 'POST', headers, body: '{}' })).json())
  await waitFor(async () => (await program.api('GET', `/api/tasks/${id}`)).body.state === 'WAITING')

  const page = await signedIn({}, program)
  await page.getByRole('link', { name: '1 waiting for approval' }).click()
  await page.waitForURL('**/tasks?state=WAITING')
  await page.getByRole('table', { name: 'Tasks' }).getByRole('link').first().click()
  const approvals = page.getByRole('region', { name: 'Approvals' })
  await approvals.getByRole('button', { name: 'Edit arguments' }).click()
  // A number of more digits than JavaScript has keeps them: as it is shown, and as it is sent.
  const args = page.getByLabel('Arguments', { exact: true })
  expect(await args.inputValue()).toBe('{ "cents": 9007199254740993 }')
  await args.fill('{ "cents": 0 }')
  await approvals.getByRole('button', { name: 'Approve with edits' }).click()
  await approvals.getByText(/must be >= 1/).waitFor()
  expect(await faults(page)).toEqual([])
  await args.fill('{ "cents": 9007199254740995 }')
  await approvals.getByRole('button', { name: 'Approve with edits' }).click()
  await approvals.getByText(/approved with edited arguments/).waitFor()

  await approvals.getByRole('button', { name: 'Deny' }).click()
  await page.getByLabel('Reason').fill('It has arrived.')
  await approvals.getByRole('button', { name: 'Deny call' }).click()
  await approvals.getByText(/denied .*: It has arrived\./).waitFor()

  // Somebody else is first: the page says so, and shows what was decided.
  const approve = approvals.getByRole('button', { name: 'Approve' })
  await approve.waitFor()
  await page.route('**/approve', async (route) => {
    const { body } = await program.api('GET', '/api/approvals?state=waiting')
    await program.api('POST', `/api/approvals/${body.data[0].id}/approve`)
    await route.continue()
  })
  await approve.click()
  await page.getByText('Failure', { exact: true }).waitFor()
  expect(await approvals.getByText(/^approved /).count()).toBe(2)
  expect(tools.requests.map(({ body }) => body)).toEqual(['{"cents":9007199254740995}', '{"cents":7}'])

  // What the model was sent in a step, failed ones included, is read when somebody asks for it.
  const steps = page.getByRole('region', { name: 'Steps' }).getByRole('listitem')
  const failed = steps.filter({ hasText: 'failed' }).last()
  await failed.locator('summary').first().click()
  await failed.getByRole('button', { name: 'Show full input' }).click()
  await failed.getByText('Give the money back.').waitFor()
  await failed.getByText('It has arrived.').waitFor()
  expect(await faults(page)).toEqual([])

  await page.getByText('Partial result').click()
  await page.getByRole('group', { name: 'Tool calls' }).getByText('9007199254740995').first().waitFor()
  expect(await faults(page)).toEqual([])
}, 60_000)
