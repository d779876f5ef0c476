import { expect, it } from 'vitest'
import { expectLinear } from '../../test/harness/linear.ts'
import { Email } from './user.ts'

it.each([
  ['ada@example.com', true],
  ['ada.l@mail.example.co.uk', true],
  ['ada@müller.example', true],
  ['ada@example', false],
  ['ada@example..com', false],
  ['ada@@example.com', false],
  ['ada @example.com', false],
])('%s', (address, isValid) => expect(Email.safeParse(address).success).toBe(isValid))

// Anybody can send one to the page for signing in.
it.each(['.', 'a.', 'a', '@'])('takes time in proportion to the length of an address: %s', async (part) => {
  await expectLinear(
    (length) => `a@${part.repeat(length / part.length)}@`,
    (text) => Email.safeParse(text),
  )
})
