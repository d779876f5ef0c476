import { Radio } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { exactly } from '../../lib/time.ts'
import classes from './RotateDialog.module.css'

const GRACES = [
  { seconds: 0, label: 'Immediately', about: 'Use this if the URL leaked' },
  { seconds: 3_600, label: 'In an hour', about: 'All callers can be updated now' },
  { seconds: 86_400, label: 'In a day', about: 'Callers are updated one by one' },
  { seconds: 604_800, label: 'In a week', about: 'Other teams update the callers' },
]

/** Asks when the old URL shall end, and makes the new one. `onRotated` gets what there is to say of it. */
export function RotateDialog({
  opened,
  path,
  onClose,
  onRotated,
}: {
  opened: boolean
  /** Of the webhook in the API. */
  path: string
  onClose: () => void
  onRotated: (says: string) => Promise<void>
}) {
  const [seconds, setSeconds] = useState('0')
  const rotate = useMutation({
    mutationFn: (grace: number) => call('POST', `${path}/rotate`, { body: { grace_seconds: grace } }),
    onSuccess: (_answer, grace) =>
      onRotated(
        grace === 0
          ? 'The old URL no longer works. Update your callers with the new URL.'
          : `The old URL works until ${exactly(new Date(Date.now() + grace * 1000))}. Update your callers with the new URL.`,
      ),
  })
  return (
    <ConfirmDialog
      opened={opened}
      title="Rotate URL?"
      confirm="Rotate"
      busy={rotate.isPending}
      error={rotate.error}
      onConfirm={() => rotate.mutate(Number(seconds))}
      onClose={onClose}
    >
      <Radio.Group label="Old URL expires" value={seconds} onChange={setSeconds}>
        <div className={classes.choices}>
          {GRACES.map(({ seconds: each, label, about }) => (
            <Radio key={each} value={String(each)} label={label} description={about} />
          ))}
        </div>
      </Radio.Group>
    </ConfirmDialog>
  )
}
