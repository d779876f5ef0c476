import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createKnownBrowsers } from './knownBrowsers.ts'

const secret = randomBytes(32)
const browsers = createKnownBrowsers({ secret, publicUrl: 'https://b.example' })
const ada = { user: { id: 'ada' }, hash: 'hash' }
const grace = { user: { id: 'grace' }, hash: 'hash' }

/** The cookie as the browser sends it back. */
const cookieOf = (setCookie: string): string => setCookie.split(';')[0] ?? ''

describe('a known browser', () => {
  const cookie = cookieOf(browsers.give(ada, undefined))

  it('is recognised for its account alone, in every process with the same secret', () => {
    const id = browsers.read(ada, cookie)
    expect(id).toMatch(/^[\w-]{43}$/)
    const same = createKnownBrowsers({ secret, publicUrl: 'https://b.example' })
    expect(same.read(ada, `theme=dark; ${cookie}`)).toBe(id)
    expect(browsers.read(grace, cookie)).toBeUndefined()
    const elsewhere = createKnownBrowsers({ secret: randomBytes(32), publicUrl: 'https://b.example' })
    expect(elsewhere.read(ada, cookie)).toBeUndefined()
  })

  it('is no longer known after the password has changed', () => {
    expect(browsers.read({ ...ada, hash: 'another' }, cookie)).toBeUndefined()
  })

  it('keeps its id when the same person signs in again, and gets another for another account', () => {
    expect(cookieOf(browsers.give(ada, cookie))).toBe(cookie)
    const other = cookieOf(browsers.give(grace, cookie))
    expect(browsers.read(grace, other)).not.toBe(browsers.read(ada, cookie))
  })

  it.each(['', '.', 'x', 'a.b.c', 'É.É'])('is not made by the cookie %j', (value) => {
    const name = cookie.split('=')[0]
    expect(browsers.read(ada, `${name}=${value}`)).toBeUndefined()
    expect(browsers.read(ada, `${cookie}${value === '' ? '.' : value}`)).toBeUndefined()
  })
})

it('has a cookie that scripts and other sites cannot read', () => {
  expect(browsers.give(ada, undefined)).toMatch(
    /^__Host-bellwire_browser=[\w-]{43}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=31536000$/,
  )
  const local = createKnownBrowsers({ secret, publicUrl: 'http://localhost:7091' })
  expect(local.give(ada, undefined)).toMatch(
    /^bellwire_browser_7091=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Max/,
  )
})
