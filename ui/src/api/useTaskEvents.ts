import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { here } from '../lib/base.ts'
import { whenLive } from './connection.ts'
import { hasEnded, taskQuery } from './queries.ts'
import type { TaskState } from './types.ts'

/** What the model has written, until the task has its result. */
export type Writing = { answer: string; thought: string }

type Kind = keyof Writing
/** The text of each step. A continuing step follows on from the text of the step before. */
type Texts = ReadonlyMap<number, Writing & { continues: boolean }>

/** How long to wait before a stream that the server refused is opened again. */
const REOPEN_MS = 5_000

const NOTHING = { answer: '', thought: '', continues: false }

/**
 * Follows a running task. Its events refetch the task; the model's text of all steps is returned as it arrives. The
 * text of a step is discarded only when that step starts again.
 *
 * @param taskId undefined: there is nothing to follow
 */
export function useTaskEvents(taskId: string | undefined): Writing {
  const client = useQueryClient()
  const [texts, setTexts] = useState<Texts>(new Map())
  const [round, setRound] = useState(0)

  useEffect(() => {
    setTexts(new Map())
    if (taskId === undefined) return
    const events = new EventSource(here(`api/tasks/${encodeURIComponent(taskId)}/events`))
    const readAgain = (): void => void client.invalidateQueries({ queryKey: taskQuery(taskId).queryKey })

    const onPiece = (kind: Kind) => (event: MessageEvent<string>) => {
      const { step, text } = JSON.parse(event.data) as { step: number; text: string }
      setTexts((before) => {
        const written = before.get(step) ?? NOTHING
        return new Map(before).set(step, { ...written, [kind]: written[kind] + text })
      })
    }
    events.addEventListener('answer', onPiece('answer'))
    events.addEventListener('thought', onPiece('thought'))
    events.addEventListener('model_call', (event: MessageEvent<string>) => {
      const { step, continues } = JSON.parse(event.data) as { step: number; continues: boolean }
      setTexts((before) => new Map(before).set(step, { ...NOTHING, continues }))
    })
    events.addEventListener('step', readAgain)
    events.addEventListener('approval', readAgain)
    events.addEventListener('callback', readAgain)
    events.addEventListener('state', (event: MessageEvent<string>) => {
      const { state } = JSON.parse(event.data) as { state: TaskState }
      readAgain()
      if (hasEnded(state)) events.close()
    })
    let reopening: number | undefined
    // The browser reconnects by itself, unless the response was something other than a stream.
    events.addEventListener('error', () => {
      if (events.readyState !== EventSource.CLOSED) return
      reopening = window.setTimeout(() => void whenLive().then(() => setRound(round + 1)), REOPEN_MS)
    })
    return () => {
      window.clearTimeout(reopening)
      events.close()
    }
  }, [client, taskId, round])

  return useMemo(() => ({ answer: joined(texts, 'answer'), thought: joined(texts, 'thought') }), [texts])
}

function joined(texts: Texts, kind: Kind): string {
  return [...texts.entries()]
    .toSorted(([a], [b]) => a - b)
    .map(([, written]) => ({ text: written[kind], isOneText: kind === 'answer' && written.continues }))
    .filter(({ text }) => text !== '')
    .reduce((all, { text, isOneText }) => (all === '' || isOneText ? all + text : `${all}\n\n${text}`), '')
}
