import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'
import { previewQuery, type PreviewInput } from '../../../api/draftQueries.ts'
import type { Preview } from '../../../api/types.ts'
import type { AgentForm } from '../agentForm.ts'
import { useSample } from './sampleContext.ts'

const PAUSE_MS = 400

export type PreviewState = {
  /** The last preview that the server made. */
  preview: Preview | undefined
  /** The last texts that could be rendered: shown while the present ones cannot. */
  lastGood: Pick<Preview, 'system' | 'message'>
  /** It is not of what is in the form now. */
  isStale: boolean
  error: unknown
}

/** Has the server render the templates of a form, after a pause in typing. */
export function usePreview({ name, instructions, message }: AgentForm): PreviewState {
  const sample = useSample()
  const { agentId, source } = sample ?? {}
  const now = useMemo(
    (): PreviewInput | undefined => source && { agentId, name, instructions, message, source },
    [agentId, name, instructions, message, source],
  )
  const [input] = useDebouncedValue(now, PAUSE_MS)
  const { data, error, isPlaceholderData } = useQuery(previewQuery(input))
  const lastGood = useRef<PreviewState['lastGood']>({ system: null, message: null })
  const failed = (template: 'instructions' | 'message') =>
    data?.faults.some((fault) => fault.template === template) === true
  if (data) {
    lastGood.current = {
      system: data.system === null && failed('instructions') ? lastGood.current.system : data.system,
      message: data.message === null && failed('message') ? lastGood.current.message : data.message,
    }
  }
  return {
    preview: data,
    lastGood: lastGood.current,
    isStale: isPlaceholderData || input !== now,
    error: error ?? undefined,
  }
}
