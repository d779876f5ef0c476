import { expect, it } from 'vitest'
import { DESK, faults, fits, openConsole, PATIENT, PHONE } from './harness/consolePages.ts'

const { program: running, newPage } = openConsole()

const PASSWORD = 'correct horse battery'

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
  await guest.goto(invited.body.url)
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
  await late.goto(invited.body.url)
  await late.getByRole('heading', { name: 'This link does not work' }).waitFor()
  expect(await faults(late)).toEqual([])
})
