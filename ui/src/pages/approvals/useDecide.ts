import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { ApiError } from '../../api/apiError.ts'
import { taskQuery, waitingQuery } from '../../api/queries.ts'
import type { Approval } from '../../api/types.ts'

export type Decision =
  { path: 'approve'; body: { arguments?: unknown } } | { path: 'deny'; body: { reason: string } }

/** Sends a decision about a call, then refetches it, even if someone else decided first. */
export function useDecide(approval: Pick<Approval, 'id' | 'task_id'>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ path, body }: Decision) =>
      call<Approval>('POST', `api/approvals/${approval.id}/${path}`, { body }),
    onSettled: () =>
      Promise.all(
        [taskQuery(approval.task_id).queryKey, waitingQuery.queryKey, ['approvals']].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  })
}

/** The server's errors in edited arguments, by member; those that belong to none are under ''. */
export function argumentErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {}
  const found: Record<string, string> = {}
  for (const { pointer, detail } of error.problem.errors ?? []) {
    const [, top, name = '', ...rest] = pointer.split('/')
    const member = top === 'arguments' ? name.replaceAll('~1', '/').replaceAll('~0', '~') : ''
    const line = rest.length > 0 ? `${rest.join('.')}: ${detail}` : detail
    found[member] = found[member] === undefined ? line : `${found[member]}\n${line}`
  }
  return found
}
