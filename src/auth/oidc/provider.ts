import type * as OpenIdClient from 'openid-client'
import type { Oidc } from '../../config/config.ts'
import { BellwireError } from '../../errors.ts'

/** How long the provider may take to answer, in seconds. */
const TIMEOUT_SECONDS = 10

/** What a sign-in at the provider is checked against when the browser comes back. */
export type PendingSignIn = { state: string; nonce: string; codeVerifier: string }

/** What the provider says about whoever signed in there; its signature has been verified. */
export type OidcClaims = { issuer: string; subject: string } & Readonly<Record<string, unknown>>

/** The OIDC provider: authorization code flow with PKCE, state and nonce. */
export type OidcProvider = {
  /** Begins a sign-in. The browser goes on to `url`. @throws BellwireError `oidc_unavailable` */
  begin(): Promise<PendingSignIn & { url: URL }>
  /**
   * Exchanges the code that the browser brought back.
   *
   * @param query of the callback, with its `?`
   * @throws BellwireError `oidc_refused`, `oidc_unavailable`
   */
  finish(query: string, pending: PendingSignIn): Promise<OidcClaims>
}

/** Loads its library, and the provider's own description, when somebody signs in for the first time. */
export function createOidcProvider(oidc: Oidc, publicUrl: string): OidcProvider {
  const redirectUrl = `${publicUrl}/api/oidc/callback`
  let discovering: Promise<{ client: typeof OpenIdClient; server: OpenIdClient.Configuration }> | undefined

  async function discover() {
    const client = await import('openid-client')
    const isPlain = new URL(oidc.issuer).protocol === 'http:'
    const server = await client.discovery(new URL(oidc.issuer), oidc.clientId, oidc.clientSecret, undefined, {
      timeout: TIMEOUT_SECONDS,
      execute: [
        // Verifies signatures of tokens, although they come over TLS from the provider itself.
        client.enableNonRepudiationChecks,
        ...(isPlain ? [client.allowInsecureRequests] : []),
      ],
    })
    return { client, server }
  }

  /** The provider's description, read once. A failure is forgotten: the next sign-in tries again. */
  async function open() {
    discovering ??= discover()
    const ours = discovering
    return ours.catch((error: unknown) => {
      if (discovering === ours) discovering = undefined
      throw unavailable(error)
    })
  }

  return {
    async begin() {
      const { client, server } = await open()
      const pending = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        codeVerifier: client.randomPKCECodeVerifier(),
      }
      const url = client.buildAuthorizationUrl(server, {
        redirect_uri: redirectUrl,
        scope: 'openid email profile',
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(pending.codeVerifier),
        code_challenge_method: 'S256',
      })
      return { ...pending, url }
    },

    async finish(query, { state, nonce, codeVerifier }) {
      const { client, server } = await open()
      try {
        const tokens = await client.authorizationCodeGrant(server, new URL(redirectUrl + query), {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: codeVerifier,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (!claims) throw new BellwireError('oidc_refused', 'The provider sent no identity.')
        // Some providers say the email address only here.
        const more =
          claims['email'] === undefined && server.serverMetadata().userinfo_endpoint !== undefined
            ? await client.fetchUserInfo(server, tokens.access_token, claims.sub)
            : {}
        return { ...more, ...claims, issuer: claims.iss, subject: claims.sub }
      } catch (error) {
        if (error instanceof BellwireError) throw error
        if (error instanceof client.AuthorizationResponseError) {
          throw new BellwireError('oidc_refused', `The provider answered ${error.error}.`, { cause: error })
        }
        if (isUnreachable(error)) throw unavailable(error)
        throw new BellwireError('oidc_refused', 'The answer of the provider is not valid.', { cause: error })
      }
    },
  }
}

/** Whether there was no answer at all. */
function isUnreachable(error: unknown): boolean {
  const { code, cause } = Object(error) as { code?: unknown; cause?: unknown }
  return code === 'OAUTH_TIMEOUT' || (error instanceof TypeError && cause instanceof Error)
}

function unavailable(cause: unknown): BellwireError {
  return new BellwireError('oidc_unavailable', undefined, { cause })
}
