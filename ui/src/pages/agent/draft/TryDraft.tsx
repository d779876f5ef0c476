import { Button, Drawer, Radio } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../../api/client.ts'
import { recentRequestsQuery } from '../../../api/draftQueries.ts'
import { errorBelow } from '../../../api/errorBelow.ts'
import type { ReplayAnswer, RehearsalStarted } from '../../../api/types.ts'
import { Problem } from '../../../components/Notice.tsx'
import { DraftRun } from './DraftRun.tsx'
import { SampleChoice } from './SampleChoice.tsx'
import { useSample, type SampleSource } from './sampleContext.ts'
import classes from './TryDraft.module.css'

type Writes = 'simulated' | 'live'
type Run = { taskId: string; originalId: string | undefined }

/**
 * Runs the form as it is on a request, without saving it.
 *
 * @param draft the fields of the form, as the API takes them
 * @param onInvalid shows errors of the draft at their fields
 */
export function TryDraft({
  opened,
  agentId,
  draft,
  onInvalid,
  onClose,
}: {
  opened: boolean
  agentId: string
  draft: Record<string, unknown>
  onInvalid: (error: unknown) => void
  onClose: () => void
}) {
  const client = useQueryClient()
  const sample = useSample()
  const [wanted, setWrites] = useState<Writes>('simulated')
  const { source, taskId } = sample ?? {}
  const canBeLive = taskId !== undefined
  const writes = canBeLive ? wanted : 'simulated'

  const run = useMutation({
    mutationFn: (from: SampleSource): Promise<Run> =>
      writes === 'live' && 'taskId' in from ? replay(from.taskId, draft) : rehearse(agentId, from, draft),
    onSuccess: () => client.invalidateQueries({ queryKey: recentRequestsQuery(agentId).queryKey }),
    onError: (error) => {
      const ofDraft = errorBelow(error, '/draft') ?? errorBelow(error, '/revision/draft')
      if (!ofDraft) return
      onClose()
      onInvalid(ofDraft)
    },
  })

  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="min(46rem, 100vw)"
      title="Try draft"
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ backgroundOpacity: 0.45 }}
    >
      <div className={classes.panel}>
        <p className={classes.about}>Runs the form as it is now. Nothing is saved.</p>
        {sample && <SampleChoice sample={sample} label="Request" />}
        <Radio.Group label="Writes" value={writes} onChange={(value) => setWrites(value)}>
          <div className={classes.choices}>
            <Radio
              value="simulated"
              label="Simulated"
              description="Reads are real. Calls that write get a simulated response, and nothing is delivered."
            />
            <Radio
              value="live"
              label="Live"
              disabled={!canBeLive}
              description={
                canBeLive
                  ? 'All calls are made again, and the webhook’s callback is sent.'
                  : 'Only available for a past request.'
              }
            />
          </div>
        </Radio.Group>
        <div>
          <Button
            loading={run.isPending}
            disabled={source === undefined}
            {...(writes === 'live' ? { color: 'red' } : {})}
            onClick={() => source && run.mutate(source)}
          >
            {writes === 'live' ? 'Run with live writes' : 'Run'}
          </Button>
        </div>
        {run.isError && <Problem error={run.error} />}
        {run.isSuccess && <DraftRun key={run.data.taskId} {...run.data} />}
      </div>
    </Drawer>
  )
}

async function rehearse(agentId: string, from: SampleSource, draft: Record<string, unknown>): Promise<Run> {
  const { task_ids: ids } = await call<RehearsalStarted>(
    'POST',
    `api/agents/${encodeURIComponent(agentId)}/rehearse`,
    { body: { draft, ...('taskId' in from ? { task_id: from.taskId } : from) } },
  )
  return { taskId: ids[0] ?? '', originalId: 'taskId' in from ? from.taskId : undefined }
}

async function replay(taskId: string, draft: Record<string, unknown>): Promise<Run> {
  const path = `api/tasks/${encodeURIComponent(taskId)}/replay`
  const answer = await call<ReplayAnswer>('POST', path, { body: { revision: { draft }, writes: 'live' } })
  return { taskId: answer.task_id, originalId: taskId }
}
