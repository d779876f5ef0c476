import { Button, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import type { Approval } from '../../api/types.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { counted } from '../../lib/amounts.ts'
import { describeCall } from '../task/describeCall.ts'
import bulk from '../tasks/BulkDialog.module.css'

/** How many calls are listed before they are decided; the others are counted. */
const MOST_LISTED = 20

type Outcome = { done: number; refused: string[] }

/** Decides many calls of one tool at once. Lists what will happen beforehand, and what was refused afterwards. */
export function DecideMany({
  approvals,
  all,
  onAll,
  onClear,
}: {
  approvals: Approval[]
  /** All waiting calls of the tool. */
  all: Approval[]
  onAll: (all: Approval[]) => void
  onClear: () => void
}) {
  const client = useQueryClient()
  const [asking, setAsking] = useState<{ path: 'approve' | 'deny'; approvals: Approval[] }>()
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>()
  const count = approvals.length

  async function decide(path: 'approve' | 'deny', chosen: Approval[]): Promise<void> {
    setBusy(true)
    const result: Outcome = { done: 0, refused: [] }
    for (const approval of chosen) {
      try {
        const body = path === 'deny' ? { reason } : {}
        await call('POST', `api/approvals/${approval.id}/${path}`, { body })
        result.done += 1
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        result.refused.push(`${describeCall(approval.tool, approval.arguments)}: ${message}`)
      }
    }
    setBusy(false)
    setOutcome(result)
    await Promise.all([['approvals'], ['tasks']].map((queryKey) => client.invalidateQueries({ queryKey })))
  }

  function close(): void {
    if (busy) return
    setAsking(undefined)
    if (outcome) onClear()
    setOutcome(undefined)
    setReason('')
  }

  const done = asking?.path === 'approve' ? 'approved' : 'denied'
  return (
    <>
      {count > 0 && (
        <div className={bulk.bar} role="toolbar" aria-label="Selected approvals">
          <span role="status">
            {counted(count, 'call')} of {approvals[0]?.tool} selected
          </span>
          {count < all.length && (
            <Button size="compact-sm" variant="subtle" onClick={() => onAll(all)}>
              Select all {all.length}
            </Button>
          )}
          <Button size="compact-md" onClick={() => setAsking({ path: 'approve', approvals })}>
            Approve
          </Button>
          <Button size="compact-md" color="red" onClick={() => setAsking({ path: 'deny', approvals })}>
            Deny
          </Button>
          <Button size="compact-md" variant="default" onClick={onClear}>
            Clear
          </Button>
        </div>
      )}
      {asking && (
        <ConfirmDialog
          opened
          title={
            outcome
              ? `${counted(outcome.done, 'call')} ${done}`
              : `${asking.path === 'approve' ? 'Approve' : 'Deny'} ${counted(asking.approvals.length, 'call')}?`
          }
          confirm={
            outcome
              ? 'Close'
              : `${asking.path === 'approve' ? 'Approve' : 'Deny'} ${counted(asking.approvals.length, 'call')}`
          }
          cancel={outcome ? null : 'Back'}
          danger={asking.path === 'deny' && !outcome}
          busy={busy}
          onConfirm={() => (outcome ? close() : void decide(asking.path, asking.approvals))}
          onClose={close}
        >
          {outcome ? (
            outcome.refused.length === 0 ? (
              <p>Nothing was refused.</p>
            ) : (
              <ul className={bulk.list}>
                {outcome.refused.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            )
          ) : (
            <>
              <ul className={bulk.list}>
                {asking.approvals.slice(0, MOST_LISTED).map(({ id, tool, arguments: args }) => (
                  <li key={id}>{describeCall(tool, args)}</li>
                ))}
              </ul>
              {asking.approvals.length > MOST_LISTED && (
                <p>and {asking.approvals.length - MOST_LISTED} more.</p>
              )}
              {asking.path === 'approve' ? (
                <p>The tool is called for each of them as soon as you approve. This cannot be undone.</p>
              ) : (
                <TextInput
                  label="Reason"
                  description="Optional. Passed to the models, which then continue."
                  maxLength={2_000}
                  value={reason}
                  onChange={(event) => setReason(event.currentTarget.value)}
                />
              )}
            </>
          )}
        </ConfirmDialog>
      )}
    </>
  )
}
