import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call, withQuery } from './client.ts'
import type { Invitation, Page, SignInOptions, User, UserLink } from './types.ts'

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

export const usersQuery = infiniteQueryOptions({
  queryKey: ['users'],
  queryFn: ({ pageParam, signal }) =>
    call<Page<User>>('GET', withQuery('api/users', { limit: 100, cursor: pageParam }), { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
})

export const invitationsQuery = infiniteQueryOptions({
  queryKey: ['invitations'],
  queryFn: ({ pageParam, signal }) =>
    call<Page<Invitation>>('GET', withQuery('api/invitations', { limit: 100, cursor: pageParam }), {
      signal,
    }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
})
