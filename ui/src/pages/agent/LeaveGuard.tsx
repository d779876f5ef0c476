import { useBlocker } from '@tanstack/react-router'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'

/** Asks before a page is left whose form holds what nobody has saved. */
export function LeaveGuard({ dirty }: { dirty: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: dirty,
    withResolver: true,
  })
  return (
    <ConfirmDialog
      opened={blocker.status === 'blocked'}
      title="Leave without saving?"
      confirm="Leave"
      cancel="Stay"
      onConfirm={() => blocker.proceed?.()}
      onClose={() => blocker.reset?.()}
    >
      Your unsaved changes will be lost.
    </ConfirmDialog>
  )
}
