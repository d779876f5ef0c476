import { expect, it } from 'vitest'
import { toolTexts, urlsGiven } from './harness/callbackModel.ts'
import { faults, openConsole } from './harness/consolePages.ts'
import { callTools, say, startModelServer } from './harness/modelServer.ts'
import { startProgram } from './harness/program.ts'
import { waitFor } from './harness/waitFor.ts'

const { signedIn } = openConsole()

it('shows what a task is waiting for, and accepts answers to its questions', async ({ onTestFinished }) => {
  const model = await startModelServer()
  onTestFinished(() => model.stop())
  const program = await startProgram({ env: { LOCAL_MODEL_BASE_URL: model.url } })
  onTestFinished(() => program.remove())
  const { body: agent } = await program.api('POST', '/api/agents', {
    name: 'Painter',
    instructions: 'Paint.',
    model: 'local/painter',
    tools: [
      { type: 'builtin', name: 'ask_person' },
      { type: 'builtin', name: 'wait_for_callback' },
    ],
    approvals: { timeout_seconds: 'never' },
  })
  const { body: webhook } = await program.api('GET', `/api/agent_webhook?id=${agent.id}`)
  const url = new URL(new URL(webhook.webhook_url).pathname, program.url)
  let callback = ''
  model.handle((request) => {
    const asked = toolTexts(request.body).length
    if (asked === 0) return callTools([{ id: 'u', name: 'create_callback_url', arguments: {} }])
    const [given] = urlsGiven(request)
    if (asked > 1) return say('All painted.')
    callback = new URL(given?.url ?? '').pathname
    return callTools([
      { id: 'a', name: 'ask_person', arguments: { question: 'Which colour?', choices: ['Red', 'Blue'] } },
      { id: 'b', name: 'ask_person', arguments: { question: 'Why that one?' } },
      { id: 'c', name: 'wait_for_callback', arguments: { id: given?.id } },
    ])
  })
  const headers = { 'content-type': 'application/json' }
  const { task_id: id } = Object(await (await fetch(url, { method: 'POST', headers, body: '{}' })).json())
  await waitFor(async () => (await program.api('GET', `/api/tasks/${id}`)).body.state === 'WAITING')

  const page = await signedIn({}, program)
  await page.getByRole('link', { name: '2 waiting for approval' }).click()
  await page.getByRole('heading', { name: 'Approvals', level: 1 }).waitFor()
  await page.getByText('Which colour?').waitFor()
  expect(await faults(page)).toEqual([])
  await page.getByRole('button', { name: 'Blue' }).click()
  await page.getByText('Which colour?').waitFor({ state: 'detached' })
  await page.goto(`/tasks/${id}`)
  await page.waitForURL(`**/tasks/${id}`)
  await page.getByText(/^Waiting for an answer since .*, until it is decided\.$/).waitFor()
  await page.getByText(/^Waiting for a callback since .*, until \d/).waitFor()
  await page.getByText(/answered in the console/).waitFor()
  const question = page.getByRole('list', { name: 'Decisions' }).getByRole('listitem')
  await question.getByRole('button', { name: 'Answer' }).click()
  await question.getByLabel('answer').fill('It is calm.')
  await question.getByRole('button', { name: 'Send answer' }).click()
  await page.getByText(/^Waiting for an answer/).waitFor({ state: 'detached' })
  expect(await page.locator('body').innerHTML()).not.toContain(callback.split('/').at(-1))
  expect(
    (await fetch(program.url + callback, { method: 'POST', headers, body: '{"dry":true}' })).status,
  ).toBe(200)
  await page.getByTestId('answer').getByText('All painted.').waitFor()
  const { body: task } = await program.api('GET', `/api/tasks/${id}`)
  const results = task.result.tool_calls.map(({ result }: { result: unknown }) => result)
  expect(results.slice(1)).toMatchObject([
    { answer: 'Blue' },
    { answer: 'It is calm.' },
    { body: { dry: true } },
  ])
}, 60_000)
