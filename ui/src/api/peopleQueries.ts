import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call, withQuery } from './client.ts'
import type { AuditEntry, Invitation, ListedSession, Page, SignInOptions, User, UserLink } from './types.ts'

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

/** Open sessions: one's own, or everybody's. */
export const sessionsQuery = (everybody: boolean) =>
  infiniteQueryOptions({
    queryKey: ['sessions', everybody],
    queryFn: ({ pageParam, signal }) =>
      call<Page<ListedSession>>(
        'GET',
        withQuery('api/sessions', {
          limit: 100,
          cursor: pageParam,
          everybody: everybody ? 'true' : undefined,
        }),
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

export type AuditFilter = { actor?: string; kind?: string; object?: string }

/** Who changed what, newest first. */
export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      call<Page<AuditEntry>>('GET', withQuery('api/audit', { ...filter, limit: 50, cursor: pageParam }), {
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
