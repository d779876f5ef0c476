import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'

type Claims = Record<string, unknown>

/** What goes wrong at the provider, one thing at a time. */
export type Tampering = {
  /** Replaces claims of the token; undefined removes one. */
  claims?: Claims
  /** Signs with a key that is not among the published ones. */
  foreignKey?: boolean
  /** The issuer in the response to the browser. */
  iss?: string
  /** The state in the response to the browser. */
  state?: string
  /** Ends with this error instead of a code. */
  error?: string
  /** Says the email address at the userinfo endpoint only. */
  userInfo?: Claims
}

/** An OpenID Connect provider on loopback: discovery, keys, the code flow with PKCE, signed tokens. */
export type OidcTestProvider = {
  issuer: string
  clientId: string
  clientSecret: string
  /** Follows the address that a browser was sent to; returns where the provider sends it back. */
  authorize(url: string, person: Claims, tampering?: Tampering): URL
  /** Signs in whoever opens its page in a browser as this person. */
  expect(person: Claims): void
  /** Requests to each path so far. */
  requests: ReadonlyMap<string, number>
  stop(): Promise<void>
}

type Grant = { challenge: string; redirectUri: string; claims: Claims; tampering: Tampering }

/**
 * @param options.host the name in its addresses; `localhost` is another site than 127.0.0.1 to a browser
 * @param options.port a free one by default
 */
export async function startOidcProvider({ host = '127.0.0.1', port = 0 } = {}): Promise<OidcTestProvider> {
  const [clientId, clientSecret] = ['bellwire', 'client-secret-value']
  const ours = await generateKeyPair('RS256')
  const foreign = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(ours.publicKey)), kid: 'ours', alg: 'RS256', use: 'sig' }
  const grants = new Map<string, Grant>()
  const infos = new Map<string, Claims>()
  const requests = new Map<string, number>()
  let visitor: Claims | undefined

  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => send(response, 500, { error: String(error) }))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const issuer = `http://${host}:${(server.address() as AddressInfo).port}`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', issuer)
    requests.set(pathname, (requests.get(pathname) ?? 0) + 1)
    if (pathname === '/.well-known/openid-configuration') {
      return send(response, 200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        userinfo_endpoint: `${issuer}/userinfo`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      })
    }
    if (pathname === '/authorize' && visitor) {
      const back = authorize(`${issuer}${request.url}`, visitor)
      // A page that goes on by itself, as after a login form: not a redirect of the request that came from Bellwire.
      const page = `<!doctype html><title>Provider</title><meta http-equiv="refresh" content="0;url=${back.href.replaceAll('&', '&amp;')}">`
      return void response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    }
    if (pathname === '/keys') return send(response, 200, { keys: [jwk] })
    if (pathname === '/token') return send(response, ...(await exchange(request)))
    if (pathname === '/userinfo') {
      const found = infos.get(request.headers.authorization?.replace('Bearer ', '') ?? '')
      return found ? send(response, 200, found) : send(response, 401, {})
    }
    return send(response, 404, {})
  }

  /** A code is exchanged once, by the client that it was made for, with the verifier of its challenge. */
  async function exchange(request: IncomingMessage): Promise<[status: number, body: Claims]> {
    const form = new URLSearchParams(await readBody(request))
    const basic = Buffer.from(request.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString()
    const given = form.get('client_secret') ?? decodeURIComponent(basic.split(':')[1] ?? '')
    if (given !== clientSecret) return [401, { error: 'invalid_client' }]
    const grant = grants.get(form.get('code') ?? '')
    grants.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (!grant || grant.challenge !== challenge || grant.redirectUri !== form.get('redirect_uri')) {
      return [400, { error: 'invalid_grant' }]
    }
    const { claims, tampering } = grant
    const now = Math.floor(Date.now() / 1000)
    const all = { iss: issuer, aud: clientId, iat: now, exp: now + 300, ...claims, ...tampering.claims }
    const token = randomUUID()
    if (tampering.userInfo) infos.set(token, { sub: claims['sub'], ...tampering.userInfo })
    const idToken = await sign(all, tampering.foreignKey ? foreign.privateKey : ours.privateKey)
    return [200, { access_token: token, token_type: 'Bearer', expires_in: 300, id_token: idToken }]
  }

  function authorize(address: string, person: Claims, tampering: Tampering = {}): URL {
    const url = new URL(address)
    const ask = (name: string) => url.searchParams.get(name) ?? ''
    const expected = [`${issuer}/authorize`, clientId, 'code', 'S256']
    const asked = [
      url.origin + url.pathname,
      ask('client_id'),
      ask('response_type'),
      ask('code_challenge_method'),
    ]
    if (String(asked) !== String(expected))
      throw new Error(`not a request for ${expected.join(', ')}: ${address}`)
    const code = randomUUID()
    grants.set(code, {
      challenge: ask('code_challenge'),
      redirectUri: ask('redirect_uri'),
      claims: { ...person, nonce: ask('nonce') },
      tampering,
    })
    const back = new URL(ask('redirect_uri'))
    if (tampering.error === undefined) back.searchParams.set('code', code)
    else back.searchParams.set('error', tampering.error)
    back.searchParams.set('state', tampering.state ?? ask('state'))
    back.searchParams.set('iss', tampering.iss ?? issuer)
    return back
  }

  return {
    issuer,
    clientId,
    clientSecret,
    requests,
    authorize,
    expect: (person) => void (visitor = person),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function sign(claims: Claims, key: CryptoKey): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'ours' }).sign(key)
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

function send(response: ServerResponse, status: number, body: Claims): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
