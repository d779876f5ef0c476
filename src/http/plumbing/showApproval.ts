import type { MakeApprovalLinks } from '../../auth/approvalLinks.ts'
import type { Approval as ApprovalView } from '../../contract/approval.ts'
import type { Approval } from '../../tasks/approvals/approvals.ts'

/** An approval as returned by the API. Links are for those who may decide; absent, the reader may not. */
export function showApproval(
  { event: _event, ...approval }: Approval,
  links: MakeApprovalLinks | undefined,
): ApprovalView {
  return {
    ...approval,
    created_at: approval.created_at.toISOString(),
    expires_at: approval.expires_at?.toISOString() ?? null,
    decided_at: approval.decided_at?.toISOString() ?? null,
    links: approval.state === 'waiting' ? (links?.(approval.id) ?? null) : null,
  }
}
