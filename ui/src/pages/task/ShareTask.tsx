import { Button } from '@mantine/core'
import { useState } from 'react'
import type { TaskDetail } from '../../api/types.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { CopyButton } from '../../components/CopyButton.tsx'
import classes from './ShareTask.module.css'

/** Links to the task, for people who can sign in and for those who cannot. */
export function ShareTask({ task }: { task: TaskDetail }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Share
      </Button>
      <ConfirmDialog
        opened={open}
        title="Share this task"
        confirm="Done"
        cancel={null}
        onConfirm={() => setOpen(false)}
        onClose={() => setOpen(false)}
      >
        <ul className={classes.links}>
          <Line name="This page" about="For people who can sign in here." url={window.location.href} />
          <Line
            name="Status"
            about="Status and result as JSON. Anyone with the link can read it."
            url={task.links.status}
          />
          <Allowed least="approver">
            <Line
              name="Live events"
              about="The run as it happens. Anyone with the link can follow it for a week."
              url={task.links.events}
            />
          </Allowed>
        </ul>
      </ConfirmDialog>
    </>
  )
}

function Line({ name, about, url }: { name: string; about: string; url: string }) {
  return (
    <li>
      <div>
        <strong>{name}</strong>
        <p>{about}</p>
      </div>
      <CopyButton text={url} label={`Copy ${name.toLowerCase()} link`} size="xs" />
    </li>
  )
}
