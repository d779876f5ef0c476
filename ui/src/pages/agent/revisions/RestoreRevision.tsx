import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError } from '../../../api/apiError.ts'
import { call } from '../../../api/client.ts'
import { agentQuery, agentsQuery } from '../../../api/queries.ts'
import type { Agent } from '../../../api/types.ts'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'

const route = getRouteApi('/inside/agents/$agentId/revisions')

/** Makes an earlier revision the live one again, after a confirmation. */
export function RestoreRevision({ agent, revision }: { agent: Agent; revision: number }) {
  const client = useQueryClient()
  const navigate = route.useNavigate()
  const [isAsked, setAsked] = useState(false)

  const restore = useMutation({
    mutationFn: () =>
      call<Agent>('POST', `api/agents/${agent.id}/revisions/${revision}/restore`, {
        headers: { 'if-match': `"${agent.revision}"` },
      }),
    onSuccess: async (answer) => {
      client.setQueryData(agentQuery(agent.id).queryKey, answer)
      await Promise.all([
        client.invalidateQueries({ queryKey: [...agentQuery(agent.id).queryKey, 'revisions', 'list'] }),
        client.invalidateQueries({ queryKey: agentsQuery.queryKey }),
      ])
      setAsked(false)
      await navigate({ search: { to: answer.revision }, replace: true })
    },
    onError: async (error) => {
      // The dialog says so, and names the revision that is live by now.
      if (ApiError.isOvertaken(error))
        await client.invalidateQueries({ queryKey: agentQuery(agent.id).queryKey })
    },
  })

  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        onClick={() => {
          restore.reset()
          setAsked(true)
        }}
      >
        Return to revision {revision}
      </Button>
      <ConfirmDialog
        opened={isAsked}
        title={`Return to revision ${revision}?`}
        confirm={`Return to revision ${revision}`}
        busy={restore.isPending}
        error={restore.error}
        onConfirm={() => restore.mutate()}
        onClose={() => setAsked(false)}
      >
        Revision {agent.revision + 1} is created, equal to revision {revision}, and replaces revision{' '}
        {agent.revision}. Tasks already accepted keep their revision.
      </ConfirmDialog>
    </>
  )
}
