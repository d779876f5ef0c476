import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { call } from '../../api/client.ts'
import { agentsQuery } from '../../api/queries.ts'
import type { Agent } from '../../api/types.ts'

/** Makes an agent of the file of an export, and opens it. */
export function useImportAgent() {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (file: File) =>
      call<{ agent: Agent }>('POST', 'api/agents/import', {
        body: file,
        headers: { 'content-type': file.name.endsWith('.json') ? 'application/json' : 'application/yaml' },
      }),
    onSuccess: async ({ agent }) => {
      await client.invalidateQueries({ queryKey: agentsQuery.queryKey })
      await navigate({ to: '/agents/$agentId', params: { agentId: agent.id }, ignoreBlocker: true })
    },
  })
}
