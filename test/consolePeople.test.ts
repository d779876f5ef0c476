import { expect, it } from 'vitest'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'

const { program: running, newPage } = openConsole()

const PASSWORD = 'correct horse battery'

/** The link on the host that the browser of the test uses. */
function pathOf(url: string): string {
  const { pathname, hash } = new URL(url)
  return pathname + hash
}

it('lets people sign in by name, and an owner invite others, who see what their role allows', async () => {
  const program = running()
  const page = await newPage({ viewport: DESK })
  // One person never sees any of it.
  await page.goto('/sign-in')
  await page.getByLabel('Admin key').waitFor()
  expect(await page.getByLabel('Email').count()).toBe(0)

  const owner = { email: 'ada@example.com', name: 'Ada', role: 'owner', password: PASSWORD }
  expect((await program.api('POST', '/api/users', owner)).status).toBe(201)
  await page.reload()
  await page.getByLabel('Email').fill('ada@example.com')
  await page.getByRole('textbox', { name: 'Password' }).fill('wrong horse battery')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('The email address or the password is wrong.').waitFor()
  expect(await faults(page)).toEqual([])
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()

  const invited = await program.api('POST', '/api/invitations', {
    email: 'grace@example.com',
    role: 'viewer',
  })
  const guest = await newPage({ viewport: PHONE })
  await guest.goto(pathOf(invited.body.url))
  await guest.getByText('For grace@example.com, as viewer.', { exact: false }).waitFor()
  expect(guest.url()).not.toContain('#')
  expect(await faults(guest)).toEqual([])
  expect(await fits(guest)).toBe(true)
  await guest.getByRole('textbox', { name: 'Password' }).fill('short')
  await guest.getByRole('button', { name: 'Join' }).click()
  await guest.getByText('Enter your name').waitFor()
  await guest.getByText('Use at least 12 characters').waitFor()
  await guest.getByLabel('Your name').fill('Grace')
  await guest.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  await guest.getByRole('button', { name: 'Join' }).click()
  await guest.getByRole('heading', { name: 'Overview', level: 1 }).waitFor(PATIENT)

  // The link is used up, and says so.
  const late = await newPage({ viewport: DESK })
  await late.goto(pathOf(invited.body.url))
  await late.getByRole('heading', { name: 'This link does not work' }).waitFor()
  expect(await faults(late)).toEqual([])
})

it('invites, changes roles, ends sessions and says who did it', async () => {
  const program = running()
  const page = await newPage({ viewport: DESK })
  await page.goto('/settings/people')
  await page.getByLabel('Email').fill('ada@example.com')
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor(PATIENT)
  await page.getByRole('button', { name: 'Invite' }).click()
  await page.getByRole('form', { name: 'Invite' }).getByLabel('Email').fill('linus@example.com')
  await page.getByRole('form', { name: 'Invite' }).getByLabel('Role').selectOption('approver')
  await page.getByRole('button', { name: 'Create invitation' }).click()
  const made = page.getByRole('group', { name: 'New invitation' })
  const url = await made.getByText('/invitation#', { exact: false }).textContent()
  await made.getByText('It was not sent by email: mail is not configured', { exact: false }).waitFor()
  expect(await faults(page)).toEqual([])
  await made.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('list', { name: 'Invitations' }).getByText('linus@example.com').waitFor()

  const guest = await newPage({ viewport: DESK })
  await guest.goto(pathOf(url ?? ''))
  await guest.getByLabel('Your name').fill('Linus')
  await guest.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  await guest.getByRole('button', { name: 'Join' }).click()
  await guest.getByRole('navigation', { name: 'Main' }).waitFor(PATIENT)
  await guest.getByText('approver', { exact: true }).waitFor()
  await guest.goto('/agents')
  await guest.getByRole('heading', { name: 'Agents', level: 1 }).waitFor()
  expect(await guest.getByRole('link', { name: 'New agent' }).count()).toBe(0)
  await guest.goto('/settings/people')
  await guest.getByText('Only owners see this page').waitFor()

  // With another role the same page offers more.
  await page.reload()
  await page.getByRole('combobox', { name: 'Role of Linus' }).selectOption('editor')
  await expect
    .poll(async () => (await program.api('GET', '/api/users')).body.data, PATIENT)
    .toContainEqual(expect.objectContaining({ name: 'Linus', role: 'editor' }))
  await guest.goto('/agents')
  await guest.getByRole('link', { name: 'New agent' }).waitFor(PATIENT)

  await page.goto('/settings/sessions')
  await page.getByRole('list', { name: 'Sessions' }).getByText('(this browser)', { exact: false }).waitFor()
  await page.getByRole('switch', { name: "Everybody's sessions" }).click()
  expect([await faults(page), await fits(page)]).toEqual([[], true])
  await page.getByRole('button', { name: /^End the session of Linus, Chrome/ }).click()
  await expect.poll(() => page.getByText('Linus').count(), PATIENT).toBe(0)
  await guest.reload()
  await guest.getByRole('heading', { name: 'Sign in to Bellwire' }).waitFor(PATIENT)

  await page.goto('/settings/audit')
  const log = page.getByRole('list', { name: 'Audit log' })
  const change = log.getByRole('listitem').filter({ hasText: 'Update user: Linus' })
  await change.getByText('1 field changed').click()
  await change.getByText('/role').waitFor()
  expect(await faults(page)).toEqual([])
  await page.setViewportSize(PHONE)
  expect(await fits(page)).toBe(true)
}, 60_000)
