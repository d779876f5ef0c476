import { mkdir } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../test/harness/database.ts'
import { ConfigError } from '../config/configError.ts'
import { explainError } from './explainError.ts'

const fail = (work: Promise<unknown>) => work.then(String, (error: unknown) => explainError(error))

it('gives one line for what is wrong outside of the program', async () => {
  expect(explainError(new ConfigError('Set PORT.'))).toBe('bellwire: Set PORT.')
  expect(await fail(mkdir('/dev/null/x'))).toMatch(/^bellwire: ENOTDIR: .*\/dev\/null\/x'$/)
  const database = await createTestDatabase()
  try {
    expect(await fail(database.db.pool.query('select from nowhere'))).toBe(
      'bellwire: relation "nowhere" does not exist',
    )
  } finally {
    await database.drop()
  }
})

it('keeps the stack of a fault of the program', () => {
  expect(explainError(new TypeError('x is undefined'))).toMatch(/^bellwire: TypeError: x is undefined\n +at /)
  expect(explainError('odd')).toBe('bellwire: odd')
})
