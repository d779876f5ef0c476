import type { Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import { faults, openConsole } from './harness/consolePages.ts'
import type { Program } from './harness/program.ts'

const { program: running, signedIn } = openConsole()
let program: Program
beforeAll(() => {
  program = running()
})

async function createAgent(name: string): Promise<string> {
  const config = { name, instructions: 'Ring.', model: 'demo/assistant' }
  return (await program.api('POST', '/api/agents', config)).body.id
}

/** Two people editing the same form. */
async function twoAt(path: string): Promise<[Page, Page]> {
  const pages: [Page, Page] = [await signedIn(), await signedIn()]
  for (const page of pages) {
    await page.goto(path)
    await page.getByRole('button', { name: 'Save', exact: true }).waitFor()
  }
  return pages
}

it('merges changes that two tabs made to an agent', async () => {
  const id = await createAgent('Shared')
  const [one, two] = await twoAt(`/agents/${id}/configure`)

  await one.getByLabel('Description').fill('Rings at noon')
  await one.getByRole('textbox', { name: 'Instructions' }).fill('Ring once.')
  await one.getByRole('button', { name: 'Save', exact: true }).click()
  await one.getByText('Live revision: 2').waitFor()

  await two.getByLabel('Max steps').fill('7')
  await two.getByRole('textbox', { name: 'Instructions' }).fill('Ring twice.')
  await two.getByRole('button', { name: 'Save', exact: true }).click()
  const merge = two.getByRole('alert', { name: 'Revision 2 was saved while you were editing' })
  await merge.getByText('Description', { exact: true }).waitFor()
  await merge.getByText('Ring once.').waitFor()
  await merge.getByText('Ring twice.').waitFor()
  expect(await faults(two)).toEqual([])
  // Nothing is saved before the user has reviewed it.
  expect((await program.api('GET', `/api/agents/${id}`)).body.revision).toBe(2)
  await merge.getByRole('radio', { name: 'Saved' }).check()
  await merge.getByRole('button', { name: 'Merge changes' }).click()
  await merge.waitFor({ state: 'detached' })
  expect(await two.getByRole('textbox', { name: 'Description' }).inputValue()).toBe('Rings at noon')
  await two.getByRole('button', { name: 'Save', exact: true }).click()
  await two.getByText('Live revision: 3').waitFor()
  const { body } = await program.api('GET', `/api/agents/${id}`)
  expect(body).toMatchObject({
    description: 'Rings at noon',
    instructions: 'Ring once.',
    limits: { max_steps: 7 },
  })
}, 60_000)

it('keeps the input when someone else saves, and can discard it', async () => {
  const id = await createAgent('Discarded')
  const [one, two] = await twoAt(`/agents/${id}/configure`)
  await two.getByLabel('Description').fill('Mine')
  await one.getByLabel('Description').fill('Theirs')
  await one.getByRole('button', { name: 'Save', exact: true }).click()
  await one.getByText('Live revision: 2').waitFor()
  await two.getByRole('button', { name: 'Save', exact: true }).click()
  const merge = two.getByRole('alert', { name: /Revision 2/ })
  await merge.waitFor()
  expect(await two.getByRole('textbox', { name: 'Description' }).inputValue()).toBe('Mine')
  await merge.getByRole('button', { name: 'Discard my changes' }).click()
  await two.getByText('Live revision: 2').waitFor()
  expect(await two.getByRole('textbox', { name: 'Description' }).inputValue()).toBe('Theirs')
})

it('merges the settings of a webhook', async () => {
  const id = await createAgent('With a door')
  const { body: webhook } = await program.api('POST', `/api/agents/${id}/webhooks`, { name: 'Door' })
  const [one, two] = await twoAt(`/agents/${id}/webhooks/${webhook.id}`)
  await one.getByRole('textbox', { name: 'Name', exact: true }).fill('Front door')
  await one.getByRole('button', { name: 'Save', exact: true }).click()
  await one.getByText('Saved', { exact: true }).waitFor()
  await two.getByRole('textbox', { name: 'Name', exact: true }).fill('Back door')
  await two.getByRole('button', { name: 'Save', exact: true }).click()
  const merge = two.getByRole('alert', { name: 'Other settings were saved while you were editing' })
  await merge.getByText('Front door').waitFor()
  expect(await faults(two)).toEqual([])
  await merge.getByRole('button', { name: 'Merge changes' }).click()
  await two.getByRole('button', { name: 'Save', exact: true }).click()
  await two.getByText('Saved', { exact: true }).waitFor()
  const { body } = await program.api('GET', `/api/agents/${id}/webhooks/${webhook.id}`)
  expect(body.name).toBe('Back door')
})
