import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import type { RejectionSummary } from '../../api/types.ts'

/** Accepts a rejected request. `taskId`: the task that it became, now or before. */
export function useAcceptRejection({
  id,
  accepted_task_id: accepted,
}: Pick<RejectionSummary, 'id' | 'accepted_task_id'>) {
  const client = useQueryClient()
  const accept = useMutation({
    mutationFn: () => call<{ task_id: string }>('POST', `api/rejections/${encodeURIComponent(id)}/accept`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['rejections'] }),
  })
  return { accept, taskId: accepted ?? accept.data?.task_id }
}
