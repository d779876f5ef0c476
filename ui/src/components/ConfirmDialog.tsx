import { Button, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { Problem } from './Notice.tsx'
import classes from './ConfirmDialog.module.css'

/** Asks for confirmation before something that cannot be undone. */
export function ConfirmDialog({
  opened,
  title,
  children,
  confirm,
  cancel = 'Cancel',
  danger = false,
  busy = false,
  disabled = false,
  error = null,
  onConfirm,
  onClose,
}: {
  opened: boolean
  title: string
  children: ReactNode
  /** The label of the confirming button. */
  confirm: string
  /** null: no button, because there is nothing left to cancel. */
  cancel?: string | null
  danger?: boolean
  busy?: boolean
  disabled?: boolean
  error?: unknown
  onConfirm: () => void
  onClose: () => void
}) {
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose}
      centered
      classNames={{ content: classes.content, body: classes.frame, title: classes.title }}
    >
      <Modal.Overlay backgroundOpacity={0.45} />
      <Modal.Content radius="md">
        <Modal.Body>
          <div className={classes.head}>
            <Modal.Title>{title}</Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </div>
          <div className={classes.body}>{children}</div>
          {error !== null && <Problem error={error} />}
          <div className={classes.actions}>
            {cancel !== null && (
              <Button variant="default" onClick={onClose} data-autofocus>
                {cancel}
              </Button>
            )}
            <Button
              {...(danger ? { color: 'red' } : {})}
              loading={busy}
              disabled={disabled}
              onClick={onConfirm}
            >
              {confirm}
            </Button>
          </div>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}
