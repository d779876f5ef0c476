import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '../../../api/client.ts'
import { hasEnded, taskQuery } from '../../../api/queries.ts'
import type { Step } from '../../../api/types.ts'
import { Problem } from '../../../components/Notice.tsx'
import { describeArguments } from '../../task/describeCall.ts'
import { LiveTask } from '../../task/LiveTask.tsx'
import { argumentsOf, member } from '../../task/stepParts.ts'
import { DraftComparison } from './DraftComparison.tsx'
import classes from './TryDraft.module.css'

/** A run of a draft: followed to its end, then compared with the run of the original. */
export function DraftRun({ taskId, originalId }: { taskId: string; originalId: string | undefined }) {
  const client = useQueryClient()
  const { data: task } = useQuery(taskQuery(taskId))
  const cancel = useMutation({
    mutationFn: () => call('POST', `api/tasks/${encodeURIComponent(taskId)}/cancel`),
    onSuccess: () => client.invalidateQueries({ queryKey: taskQuery(taskId).queryKey }),
  })
  const isOver = task !== undefined && hasEnded(task.state)
  const calls = task?.steps.filter(({ kind }) => kind === 'tool') ?? []
  return (
    <div className={classes.run}>
      <LiveTask taskId={taskId} />
      {task && !isOver && (
        <div>
          <Button
            variant="default"
            size="compact-sm"
            loading={cancel.isPending}
            onClick={() => cancel.mutate()}
          >
            Cancel run
          </Button>
        </div>
      )}
      {cancel.isError && <Problem error={cancel.error} />}
      {calls.length > 0 && (
        <section>
          <h3>Tool calls</h3>
          <ol className={classes.calls}>
            {calls.map((step) => (
              <li key={step.key}>
                <code>{step.name}</code> {describeArguments(argumentsOf(step.input))}{' '}
                <span className={classes.dim}>{endOf(step)}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
      {isOver && <DraftComparison taskId={taskId} originalId={originalId} />}
    </div>
  )
}

/** How a call ended, in a word or two. */
function endOf({ state, output }: Step): string {
  const approval = member(output, 'approval') === true ? ', would need approval' : ''
  if (member(output, 'simulated') === true) return `simulated${approval}`
  if (member(output, 'recorded') === true) return `answered from the record${approval}`
  if (member(output, 'denied') !== undefined) return 'denied'
  if (state === 'failed') return 'failed'
  return state === 'started' ? 'running' : ''
}
