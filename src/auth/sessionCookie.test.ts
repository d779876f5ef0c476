import { expect, it } from 'vitest'
import { createSessionCookie } from './sessionCookie.ts'

it('is kept from scripts and from other sites', () => {
  const cookie = createSessionCookie('http://localhost:7091')
  expect(cookie.give('abc')).toBe(
    'bellwire_session_7091=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800',
  )
  expect(cookie.take()).toBe('bellwire_session_7091=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0')
})

it('travels over TLS only where the console does, and stays with the host', () => {
  const cookie = createSessionCookie('https://bells.example/base')
  expect(cookie.give('abc')).toBe(
    '__Host-bellwire_session=abc; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=604800',
  )
})

it.each([
  [undefined, undefined],
  ['', undefined],
  ['other=1', undefined],
  ['bellwire_session=', undefined],
  ['xbellwire_session=abc', undefined],
  ['bellwire_session=abc', 'abc'],
  ['a=1;bellwire_session=abc ; b=2', 'abc'],
  ['bellwire_session_7091=no; bellwire_session=abc', 'abc'],
])('reads %s', (header, token) => {
  expect(createSessionCookie('http://bells.example').read(header)).toBe(token)
})
