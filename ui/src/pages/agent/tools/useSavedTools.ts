import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { agentQuery } from '../../../api/queries.ts'
import type { Tool } from '../../../api/types.ts'

const NONE: readonly Tool[] = []

/** The tools of the agent whose page this is, as the server has them; none of an agent that is being made. */
export function useSavedTools(): readonly Tool[] {
  const { agentId } = useParams({ strict: false })
  const { data } = useQuery({ ...agentQuery(agentId ?? ''), enabled: agentId !== undefined })
  return data?.tools ?? NONE
}
