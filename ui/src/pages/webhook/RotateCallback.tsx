import { Radio } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import type { Callback } from '../../api/types.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import classes from './Fields.module.css'

const GRACES = [
  { seconds: 86_400, label: 'For a day', about: 'Deliveries carry both signatures meanwhile' },
  { seconds: 604_800, label: 'For a week', about: 'Other teams update the receivers' },
  { seconds: 0, label: 'No longer', about: 'Use this if the secret leaked' },
]

/** Asks how long the old secret signs as well, and makes a new one. */
export function RotateCallback({
  opened,
  path,
  onClose,
  onRotated,
}: {
  opened: boolean
  /** Of the callback in the API. */
  path: string
  onClose: () => void
  onRotated: (callback: Callback) => Promise<void>
}) {
  const [seconds, setSeconds] = useState('86400')
  const rotate = useMutation({
    mutationFn: () => call<Callback>('POST', `${path}/rotate`, { body: { grace_seconds: Number(seconds) } }),
    onSuccess: onRotated,
  })
  return (
    <ConfirmDialog
      opened={opened}
      title="Rotate signing secret?"
      confirm="Rotate"
      busy={rotate.isPending}
      error={rotate.error}
      onConfirm={() => rotate.mutate()}
      onClose={onClose}
    >
      <Radio.Group label="The old secret also signs" value={seconds} onChange={setSeconds}>
        <div className={classes.group}>
          {GRACES.map(({ seconds: each, label, about }) => (
            <Radio key={each} value={String(each)} label={label} description={about} />
          ))}
        </div>
      </Radio.Group>
    </ConfirmDialog>
  )
}
