import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { here } from '../lib/base.ts'
import { hasEnded, taskQuery } from './queries.ts'
import type { TaskState } from './types.ts'

/** What the model is writing, until the task has its result. */
export type Writing = { answer: string; thought: string }

const NOTHING: Writing = { answer: '', thought: '' }

/**
 * Follows a task while it runs: what happens to it makes the task be read again; what the model writes is
 * given back piece by piece.
 *
 * @param taskId undefined: there is nothing to follow
 */
export function useTaskEvents(taskId: string | undefined): Writing {
  const client = useQueryClient()
  const [writing, setWriting] = useState(NOTHING)

  useEffect(() => {
    setWriting(NOTHING)
    if (taskId === undefined) return
    const events = new EventSource(here(`api/tasks/${encodeURIComponent(taskId)}/events`))
    const readAgain = (): void => void client.invalidateQueries({ queryKey: taskQuery(taskId).queryKey })

    const onPiece = (field: keyof Writing) => (event: MessageEvent<string>) => {
      const { text } = JSON.parse(event.data) as { text: string }
      setWriting((before) => ({ ...before, [field]: before[field] + text }))
    }
    events.addEventListener('answer', onPiece('answer'))
    events.addEventListener('thought', onPiece('thought'))
    events.addEventListener('step', readAgain)
    events.addEventListener('approval', readAgain)
    events.addEventListener('state', (event: MessageEvent<string>) => {
      const { state } = JSON.parse(event.data) as { state: TaskState }
      readAgain()
      if (hasEnded(state)) events.close()
      // A new attempt writes from the start.
      else setWriting(NOTHING)
    })
    return () => events.close()
  }, [client, taskId])

  return writing
}
