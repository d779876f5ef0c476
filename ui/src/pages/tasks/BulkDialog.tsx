import { NativeSelect, Skeleton } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { MOST_TASKS, readAllTasks } from '../../api/taskListQueries.ts'
import type { TaskSummary } from '../../api/types.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { counted } from '../../lib/amounts.ts'
import type { TaskSearch } from '../../lib/taskSearch.ts'
import { chooseFor, runBulk, type BulkAction, type BulkProgress, type Choice } from './bulk.ts'
import classes from './BulkDialog.module.css'

/** The tasks of the action: the selected ones, or all of a search. */
export type BulkTarget = { tasks: readonly TaskSummary[] } | { search: TaskSearch }

type Phase = 'confirm' | 'running' | 'done'

const WORDS = {
  replay: { verb: 'Replay', title: 'Replay tasks?', done: 'replay started', doneMany: 'replays started' },
  cancel: { verb: 'Cancel', title: 'Cancel tasks?', done: 'task cancelled', doneMany: 'tasks cancelled' },
}

/** Shows what will happen to many tasks, does it, and shows the outcome. */
export function BulkDialog({
  kind,
  target,
  onClose,
}: {
  kind: BulkAction['kind']
  target: BulkTarget
  /** @param done whether it was done to all */
  onClose: (done: boolean) => void
}) {
  const client = useQueryClient()
  const [phase, setPhase] = useState<Phase>('confirm')
  const [revision, setRevision] = useState<'same' | 'latest'>('same')
  const [progress, setProgress] = useState<BulkProgress>({ done: 0, failed: [] })
  const stop = useRef<AbortController>(undefined)
  useEffect(() => () => stop.current?.abort(), [])
  const found = useQuery({
    queryKey: ['tasks', 'bulk', 'search' in target ? target.search : null],
    queryFn: ({ signal }) =>
      'search' in target ? readAllTasks(target.search, signal) : { tasks: [...target.tasks], more: false },
    // Exactly the tasks that were found are confirmed.
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    ...('tasks' in target ? { initialData: { tasks: [...target.tasks], more: false } } : {}),
  })
  const choice = found.data && chooseFor(kind, found.data.tasks)
  const words = WORDS[kind]

  async function run(tasks: readonly TaskSummary[]): Promise<void> {
    stop.current = new AbortController()
    setPhase('running')
    const action: BulkAction = kind === 'replay' ? { kind, revision } : { kind }
    setProgress(await runBulk(action, tasks, { signal: stop.current.signal, onProgress: setProgress }))
    setPhase('done')
    await client.invalidateQueries({
      queryKey: ['tasks'],
      predicate: ({ queryKey }) => queryKey[1] !== 'bulk',
    })
  }

  const total = choice?.tasks.length ?? 0
  const isDone = phase === 'done'
  return (
    <ConfirmDialog
      opened
      title={isDone ? summary(progress, words) : words.title}
      confirm={isDone ? 'Close' : `${words.verb} ${counted(total, 'task')}`}
      cancel={isDone ? null : phase === 'running' ? 'Stop' : kind === 'cancel' ? 'Keep running' : 'Cancel'}
      danger={kind === 'cancel' && !isDone}
      busy={phase === 'running'}
      disabled={total === 0 && !isDone}
      error={found.error}
      onConfirm={() => {
        if (isDone) onClose(progress.failed.length === 0)
        else if (choice) void run(choice.tasks)
      }}
      onClose={() => {
        if (phase === 'running') stop.current?.abort()
        else onClose(isDone && progress.failed.length === 0)
      }}
    >
      {phase === 'confirm' &&
        (choice ? (
          <>
            <Before kind={kind} choice={choice} more={found.data?.more ?? false} />
            {kind === 'replay' && total > 0 && (
              <NativeSelect
                label="Revision"
                value={revision}
                data={[
                  { value: 'same', label: 'The revision that each task ran on' },
                  { value: 'latest', label: 'The latest revision of each agent' },
                ]}
                onChange={(event) => setRevision(event.currentTarget.value as 'same' | 'latest')}
              />
            )}
          </>
        ) : (
          !found.error && (
            <div role="status" aria-label="Finding the tasks">
              <Skeleton height="4rem" />
            </div>
          )
        ))}
      {phase === 'running' && <Running done={progress.done + progress.failed.length} total={total} />}
      {isDone && <After progress={progress} total={total} />}
    </ConfirmDialog>
  )
}

function Before({ kind, choice, more }: { kind: BulkAction['kind']; choice: Choice; more: boolean }) {
  const { tasks, leftOut } = choice
  const failed = tasks.filter(({ state }) => state !== 'SUCCESS').length
  const agents = new Map<string, number>()
  for (const { agent_name: name } of tasks) agents.set(name, (agents.get(name) ?? 0) + 1)
  return (
    <>
      {tasks.length === 0 ? (
        <p>Nothing to {kind}.</p>
      ) : (
        <ul className={classes.list}>
          {kind === 'cancel' && (
            <li>{counted(tasks.length, 'task')} will be stopped. Completed tool calls are not undone.</li>
          )}
          {kind === 'replay' && failed > 0 && (
            <li>
              {counted(failed, 'failed or cancelled task', 'failed or cancelled tasks')} will continue from
              the call that failed. Recorded calls are not made again.
            </li>
          )}
          {kind === 'replay' && failed < tasks.length && (
            <li>
              {counted(tasks.length - failed, 'successful task')} will run again. Writes are answered from the
              record, and never made.
            </li>
          )}
          {agents.size <= 5 && (
            <li>
              {[...agents].map(([name, count]) => `${name}: ${count.toLocaleString('en-GB')}`).join(', ')}
            </li>
          )}
        </ul>
      )}
      {leftOut.map(({ reason, count }) => (
        <p key={reason} className={classes.left}>
          {counted(count, 'task')} left out: {reason}.
        </p>
      ))}
      {more && (
        <p className={classes.left}>
          These are the newest {counted(MOST_TASKS, 'task')}. Repeat it for the others.
        </p>
      )}
    </>
  )
}

function Running({ done, total }: { done: number; total: number }) {
  return (
    <>
      <p role="status">
        {done.toLocaleString('en-GB')} of {total.toLocaleString('en-GB')}
      </p>
      <div
        className={classes.progress}
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
      >
        <span style={{ width: `${(100 * done) / Math.max(1, total)}%` }} />
      </div>
    </>
  )
}

function After({ progress: { done, failed }, total }: { progress: BulkProgress; total: number }) {
  const skipped = total - done - failed.length
  const reasons = Map.groupBy(failed, ({ message }) => message)
  return (
    <div role="status">
      {failed.length === 0 && skipped === 0 && <p>Nothing was refused.</p>}
      {skipped > 0 && <p>Stopped: {counted(skipped, 'task')} left as they were.</p>}
      {[...reasons].map(([message, tasks]) => (
        <div key={message} className={classes.refused}>
          <p>
            {counted(tasks.length, 'task')} refused: {message}
          </p>
          <p>
            {tasks.slice(0, 10).map(({ task }) => (
              <Link key={task.id} to="/tasks/$taskId" params={{ taskId: task.id }}>
                {task.title}
              </Link>
            ))}
            {tasks.length > 10 && ` and ${tasks.length - 10} more`}
          </p>
        </div>
      ))}
    </div>
  )
}

function summary({ done }: BulkProgress, words: (typeof WORDS)['replay']): string {
  return counted(done, words.done, words.doneMany)
}
