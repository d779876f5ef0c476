import { equalTexts } from './constantTime.ts'
import { failure, readHeader, VERIFIED, type Scheme, type SignedRequest } from './scheme.ts'

/** A place where a sender puts the secret itself. */
export type SecretPlace =
  | { header: string }
  /** The whole value, or without the word Bearer, or the password of Basic. */
  | { authorization: true }
  | { query: string }
  | { find: (request: SignedRequest) => string | undefined; text: string }

/** A secret that the sender sends along as it is, in one of several places. */
export function sharedSecret(...places: [SecretPlace, ...SecretPlace[]]): Scheme {
  const names = places.map(nameOf)
  const listed = names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${names.at(-1)}` : (names[0] ?? '')
  const expected = `a secret of this webhook in ${listed}`

  return {
    kind: 'shared secret',
    summary: `the secret itself, in ${listed}`,
    verify(request, secrets) {
      const found = places.flatMap((place) => read(place, request))
      if (found.length === 0) return failure('signature_missing', expected, 'no secret')
      if (secrets.length === 0) return failure('secret_missing', expected, 'no secret is configured')
      // All pairs are compared, whichever is the right one.
      let matches = 0
      for (const text of found) for (const secret of secrets) matches += equalTexts(text, secret) ? 1 : 0
      return matches > 0
        ? VERIFIED
        : failure('signature_invalid', expected, 'a value that is not a secret of this webhook')
    },
  }
}

function nameOf(place: SecretPlace): string {
  if ('header' in place) return `the header \`${place.header}\``
  if ('authorization' in place) return 'the header `Authorization`'
  return 'query' in place ? `the query parameter \`${place.query}\`` : place.text
}

function read(place: SecretPlace, request: SignedRequest): string[] {
  if ('authorization' in place) return readAuthorization(request.headers.authorization)
  const value =
    'header' in place
      ? readHeader(request.headers, [place.header])?.value
      : 'query' in place
        ? request.query[place.query]
        : place.find(request)
  return typeof value === 'string' && value !== '' ? [value] : []
}

function readAuthorization(value = ''): string[] {
  if (value === '') return []
  const [, scheme = '', rest = ''] = /^(\S+) +(.+)$/.exec(value) ?? []
  if (/^bearer$/i.test(scheme)) return [value, rest]
  if (!/^basic$/i.test(scheme)) return [value]
  const pair = Buffer.from(rest, 'base64').toString()
  return [value, pair.slice(pair.indexOf(':') + 1)].filter((text) => text !== '')
}
