import { queryOptions } from '@tanstack/react-query'
import { call } from './client.ts'
import type { SignInOptions, UserLink } from './types.ts'

/** The ways to sign in to this installation. */
export const signInOptionsQuery = queryOptions({
  queryKey: ['sign-in'],
  queryFn: ({ signal }) => call<SignInOptions>('GET', 'api/sign_in', { signal }),
  staleTime: 60_000,
})

/** What an invitation or a password reset is for; reading it does not use it up. */
export const userLinkQuery = (token: string) =>
  queryOptions({
    queryKey: ['user-link', token],
    queryFn: ({ signal }) => call<UserLink>('POST', 'api/user_links/check', { body: { token }, signal }),
    retry: false,
    staleTime: Infinity,
  })
