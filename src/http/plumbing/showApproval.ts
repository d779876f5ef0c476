import type { Approval as ApprovalView } from '../../contract/approval.ts'
import type { Approval } from '../../tasks/approvals/approvals.ts'

/** An approval as returned by the API. */
export function showApproval({ event: _event, ...approval }: Approval): ApprovalView {
  return {
    ...approval,
    created_at: approval.created_at.toISOString(),
    expires_at: approval.expires_at.toISOString(),
    decided_at: approval.decided_at?.toISOString() ?? null,
  }
}
