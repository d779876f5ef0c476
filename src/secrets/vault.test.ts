import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createVault, VaultError } from './vault.ts'

const vault = createVault(randomBytes(32))

it.each(['', 'hunter2', 'ä🔔\u0000', 'x'.repeat(100_000)])('gives back what it took', (text) => {
  expect(vault.decrypt(vault.encrypt(text, 'secret:A'), 'secret:A')).toBe(text)
})

it('never makes the same ciphertext twice', () => {
  expect(vault.encrypt('same', 'secret:A').equals(vault.encrypt('same', 'secret:A'))).toBe(false)
})

it('opens nothing in another place, with another key, or when a single bit has changed', () => {
  const ciphertext = vault.encrypt('hunter2', 'secret:A')
  expect(() => vault.decrypt(ciphertext, 'secret:B')).toThrow(VaultError)
  expect(() => createVault(randomBytes(32)).decrypt(ciphertext, 'secret:A')).toThrow(VaultError)
  for (let index = 0; index < ciphertext.length; index += 1) {
    const damaged = Buffer.from(ciphertext)
    damaged[index] = (damaged[index] ?? 0) ^ 1
    expect(() => vault.decrypt(damaged, 'secret:A')).toThrow(VaultError)
  }
  for (let length = 0; length < ciphertext.length; length += 1) {
    expect(() => vault.decrypt(ciphertext.subarray(0, length), 'secret:A')).toThrow(VaultError)
  }
})

it('says what could not be opened, not what is in it', () => {
  const ciphertext = vault.encrypt('hunter2', 'secret:A')
  expect(() => vault.decrypt(ciphertext, 'secret:B')).toThrow(/^secret:B cannot be decrypted/)
})

it('tells keys apart without giving them away', () => {
  const secret = randomBytes(32)
  const { fingerprint } = createVault(secret)
  expect(fingerprint).toBe(createVault(secret).fingerprint)
  expect(fingerprint).not.toBe(vault.fingerprint)
  expect(fingerprint).not.toContain(secret.toString('hex'))
})

it('takes 32 bytes only', () => {
  expect(() => createVault(randomBytes(16))).toThrow(RangeError)
})
