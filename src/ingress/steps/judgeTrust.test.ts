import { expect, it } from 'vitest'
import type { Arrival } from '../arrival.ts'
import type { CompiledWebhook } from '../webhook/compileWebhook.ts'
import { compileExpression } from '../webhook/compileExpression.ts'
import { Payload } from '../payload/payload.ts'
import { judgeTrust } from './judgeTrust.ts'

const OWNERS = 'payload.comment.author_association in ["OWNER", "MEMBER"]'

async function isTrusted(
  trusted: string | undefined,
  payload: unknown,
  senderVerified = true,
): Promise<boolean> {
  const webhook = {
    trusted: compileExpression(trusted, '/trusted'),
    source: { name: 'github' },
  } as Partial<CompiledWebhook> as CompiledWebhook
  const arrival = {
    webhook,
    inbound: { method: 'POST' },
    query: {},
    headers: {},
    payload: Payload.of(payload),
    event: 'issue_comment',
    senderVerified,
    senderTrusted: false,
  } as Partial<Arrival> as Arrival
  await judgeTrust.run(arrival)
  return arrival.senderTrusted
}

it('a verified sender is trusted where the webhook asks for nothing more', async () => {
  expect(await isTrusted(undefined, {})).toBe(true)
  expect(await isTrusted(undefined, {}, false)).toBe(false)
})

it('with an expression, only what it is true of is trusted', async () => {
  expect(await isTrusted(OWNERS, { comment: { author_association: 'OWNER' } })).toBe(true)
  expect(await isTrusted(OWNERS, { comment: { author_association: 'NONE' } })).toBe(false)
})

it('an expression that has no value trusts nobody', async () => {
  expect(await isTrusted(OWNERS, { issue: {} })).toBe(false)
  expect(await isTrusted('payload.x', { x: 'yes' })).toBe(false)
})

it('without a valid signature nobody is trusted, whatever the payload says', async () => {
  expect(await isTrusted('true', {}, false)).toBe(false)
  expect(await isTrusted(OWNERS, { comment: { author_association: 'OWNER' } }, false)).toBe(false)
})
