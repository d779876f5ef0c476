import { expect, it } from 'vitest'
import { hashPassword, verifyPassword } from './passwords.ts'

const sent = (password: string) => ({ password, address: '127.0.0.1' })

it('recognises a password by its hash, and no other', async () => {
  const hash = await hashPassword(sent('correct horse battery'))
  expect(hash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w-]{22}\$[\w-]{43}$/)
  expect(await hashPassword(sent('correct horse battery'))).not.toBe(hash)
  expect(await verifyPassword(sent('correct horse battery'), hash)).toBe(true)
  for (const wrong of ['correct horse batter', 'correct horse battery ', 'Correct horse battery', '']) {
    expect([wrong, await verifyPassword(sent(wrong), hash)]).toEqual([wrong, false])
  }
})

it('takes accents however a keyboard composes them', async () => {
  const hash = await hashPassword(sent('caf\u00e9 caf\u00e9 caf\u00e9'))
  expect(await verifyPassword(sent('cafe\u0301 cafe\u0301 cafe\u0301'), hash)).toBe(true)
})

it('recognises none where there is no hash', async () => {
  for (const none of [null, undefined]) expect(await verifyPassword(sent(''), none)).toBe(false)
})

it('reads hashes of another cost', async () => {
  // Written by this very function with the cost 2^10, 8, 1.
  const { scryptSync } = await import('node:crypto')
  const salt = Buffer.from('0123456789abcdef')
  const hash = scryptSync('an older password', salt, 32, { N: 1024, r: 8, p: 1 })
  const stored = `$scrypt$ln=10,r=8,p=1$${salt.toString('base64url')}$${hash.toString('base64url')}`
  expect(await verifyPassword(sent('an older password'), stored)).toBe(true)
  await expect(verifyPassword(sent('x'), 'plain')).rejects.toThrow('unknown format')
})
