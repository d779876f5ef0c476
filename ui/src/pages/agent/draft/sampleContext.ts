import { createContext, useContext } from 'react'
import type { TaskSummary } from '../../../api/types.ts'
import type { CompletionSample } from '../../../components/editor/sample.ts'

/** A request that the agent received, by the id of its task; or a payload that somebody wrote. */
export type SampleSource = { taskId: string } | { payload: unknown }

/** The request with which the edited agent is previewed, completed and tried. */
export type Sample = {
  agentId: string | undefined
  /** The last requests, newest first; undefined while they are loading, and for a new agent. */
  requests: TaskSummary[] | undefined
  /** The task that is chosen; undefined when the payload is written by hand. */
  taskId: string | undefined
  /** @param taskId undefined: a payload is written by hand */
  choose: (taskId: string | undefined) => void
  /** The payload that is written by hand, as JSON. */
  text: string
  setText: (text: string) => void
  /** undefined while the payload is not JSON, or is not known yet. */
  source: SampleSource | undefined
  completion: CompletionSample
}

export const SampleContext = createContext<Sample | undefined>(undefined)

/** The sample of the form around; undefined where there is none. */
export function useSample(): Sample | undefined {
  return useContext(SampleContext)
}
