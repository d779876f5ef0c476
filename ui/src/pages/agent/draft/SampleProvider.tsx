import { useQuery } from '@tanstack/react-query'
import { useMemo, useState, type ReactNode } from 'react'
import { recentRequestsQuery, requestOfTaskQuery, webhookSampleQuery } from '../../../api/draftQueries.ts'
import { parseJson, prettyJson } from '../../../lib/json.ts'
import { SampleContext, type Sample } from './sampleContext.ts'

/** Chosen by a person: a task, or their own payload. */
type Choice = { taskId: string | undefined } | undefined

/**
 * Keeps the request with which an edited agent is previewed and tried: the latest one until another is chosen, or else
 * what is known of its webhooks.
 */
export function SampleProvider({
  agentId,
  name,
  revision = 1,
  suggestion,
  children,
}: {
  /** undefined for an agent that is not saved yet. */
  agentId?: string
  name: string
  revision?: number
  /** A payload to begin with, as JSON. */
  suggestion?: string | undefined
  children: ReactNode
}) {
  const [choice, setChoice] = useState<Choice>()
  const [written, setWritten] = useState<string>()
  const { data: requests } = useQuery(recentRequestsQuery(agentId))
  const latest = requests?.[0]?.id
  const taskId = choice ? choice.taskId : latest
  const isBare = requests !== undefined && latest === undefined && suggestion === undefined
  const { data: found } = useQuery(webhookSampleQuery(isBare ? agentId : undefined))
  const { data: chosen } = useQuery(requestOfTaskQuery(taskId))
  const text = written ?? suggestion ?? (found ? prettyJson(found.payload) : '{}')
  const parsed = useMemo(() => parseJson(text), [text])

  const sample = useMemo((): Sample => {
    const isKnown = agentId === undefined || requests !== undefined
    const ownSource = parsed.ok && isKnown ? { payload: parsed.value } : undefined
    const known =
      taskId === undefined ? { payload: parsed.ok ? parsed.value : undefined, request: OWN_REQUEST } : chosen
    return {
      agentId,
      requests,
      taskId,
      choose: (id) => {
        setChoice({ taskId: id })
        // Whoever wants another payload changes the one that is there.
        if (id === undefined && chosen) setWritten((before) => before ?? prettyJson(chosen.payload))
      },
      text,
      setText: setWritten,
      source: taskId === undefined ? ownSource : { taskId },
      completion: { ...known, agent: { id: agentId ?? '', name, revision } },
    }
  }, [agentId, requests, taskId, chosen, parsed, text, name, revision])

  return <SampleContext value={sample}>{children}</SampleContext>
}

const OWN_REQUEST = { method: 'POST', headers: {}, query: {} }
