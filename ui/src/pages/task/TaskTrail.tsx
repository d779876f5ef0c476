import { Tooltip } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { LinkButton } from '../../components/LinkButton.tsx'
import { readTrail } from '../../lib/taskTrail.ts'
import { useListKeys } from '../../lib/useListKeys.ts'
import classes from './TaskPage.module.css'

/** Links back to the list that the task was opened from, and to the tasks before and after it there. */
export function TaskTrail({ taskId }: { taskId: string }) {
  const navigate = useNavigate()
  const trail = readTrail(taskId)
  const go = (id: string | undefined): void => {
    if (id !== undefined) void navigate({ to: '/tasks/$taskId', params: { taskId: id } })
  }
  useListKeys({
    count: 0,
    current: () => -1,
    focus: () => {},
    anywhere: { n: () => go(trail?.next), p: () => go(trail?.previous) },
  })
  return (
    <nav className={classes.trail} aria-label="Tasks of the list">
      <LinkButton to="/tasks" search={trail?.search ?? {}} variant="subtle" size="compact-sm">
        ← All tasks
      </LinkButton>
      {trail && (
        <>
          <Step name="Previous" hint="p" id={trail.previous} />
          <Step name="Next" hint="n" id={trail.next} />
        </>
      )}
    </nav>
  )
}

function Step({ name, hint, id }: { name: string; hint: string; id: string | undefined }) {
  if (id === undefined) return null
  return (
    <Tooltip label={`${name} task: ${hint}`}>
      <LinkButton to="/tasks/$taskId" params={{ taskId: id }} variant="default" size="compact-sm">
        {name}
      </LinkButton>
    </Tooltip>
  )
}
