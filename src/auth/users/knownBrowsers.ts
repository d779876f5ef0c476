import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto'
import { newToken } from '../../db/token.ts'
import { readCookie } from '../readCookie.ts'

const LIFETIME_SECONDS = 365 * 24 * 3600

/** An account, with the hash of its password. */
export type Account = { user: { id: string }; hash: string }

/**
 * Recognises, by a signed cookie, a browser in which somebody has signed in to an account with its password before. The
 * cookie grants no access: wrong passwords from this browser are counted separately, so that guesses from the same
 * address or from many addresses do not keep the user out. It is valid until the password is changed, so that nobody
 * who knew an earlier password has known browsers.
 */
export type KnownBrowsers = {
  /** The `Set-Cookie` header after a right password. A browser that already has an id keeps it. */
  give(account: Account, header: string | undefined): string
  /** The id of a browser, from its `Cookie` header; undefined if the browser is not known for this account. */
  read(account: Account, header: string | undefined): string | undefined
}

/**
 * @param options.secret 32 bytes; the signing key is derived from it
 * @param options.publicUrl of the console; as in the session cookie, the port is part of the name
 */
export function createKnownBrowsers({
  secret,
  publicUrl,
}: {
  secret: Buffer
  publicUrl: string
}): KnownBrowsers {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'bellwire known browsers', 32)))
  const { protocol, port } = new URL(publicUrl)
  const isSecure = protocol === 'https:'
  const name = `${isSecure ? '__Host-' : ''}bellwire_browser${port === '' ? '' : `_${port}`}`
  const attributes = `Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`

  const sign = ({ user, hash }: Account, id: string): string =>
    createHmac('sha256', key).update(`${id}\n${user.id}\n${hash}`).digest('base64url')

  function read(account: Account, header: string | undefined): string | undefined {
    const [id = '', signature = '', ...rest] = (readCookie(header, name) ?? '').split('.')
    const [given, wanted] = [Buffer.from(signature), Buffer.from(sign(account, id))]
    const isGood = rest.length === 0 && given.length === wanted.length && timingSafeEqual(given, wanted)
    return isGood ? id : undefined
  }

  return {
    read,
    give(account, header) {
      const id = read(account, header) ?? newToken()
      return `${name}=${id}.${sign(account, id)}; ${attributes}; Max-Age=${LIFETIME_SECONDS}`
    },
  }
}
