import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { Tool } from '../../../../../src/contract/agent.ts'
import type { JsonObject } from '../../../../../src/contract/jsonObject.ts'
import { call } from '../../../api/client.ts'
import { agentQuery } from '../../../api/queries.ts'
import type { Agent } from '../../../api/types.ts'
import { Problem } from '../../../components/Notice.tsx'
import { SourceProblem } from './SourceProblem.tsx'
import { importChanges, previewTool } from './toolCalls.ts'
import classes from './Tools.module.css'

/** Imports a tool without saving it: says what is wrong, or what would change. */
export function ImportCheck({ tool, saved }: { tool: JsonObject; saved: Tool | undefined }) {
  const client = useQueryClient()
  const { agentId } = useParams({ strict: false })
  const check = useMutation({ mutationFn: () => previewTool(tool, { agentId, refresh: true }) })
  const refresh = useMutation({
    mutationFn: (id: string) => {
      const agent = client.getQueryData(agentQuery(id).queryKey)
      return call<Agent>('POST', `api/agents/${encodeURIComponent(id)}/tools/refresh`, {
        headers: agent ? { 'if-match': `"${agent.revision}"` } : {},
      })
    },
    onSuccess: (agent) => {
      client.setQueryData(agentQuery(agent.id).queryKey, agent)
      check.reset()
    },
  })
  const changes = check.data && importChanges(saved, check.data.tool)
  const isSame = changes && Object.values(changes).every((names) => names.length === 0)
  const isSaved = saved !== undefined && isSameTool(tool, saved)

  return (
    <>
      <div className={classes.actions}>
        <Button variant="default" size="compact-sm" loading={check.isPending} onClick={() => check.mutate()}>
          {isSaved ? 'Check for changes' : 'Check import'}
        </Button>
        {refresh.isSuccess && !check.data && (
          <span className={classes.hint} role="status">
            Refreshed: revision {refresh.data.revision}
          </span>
        )}
      </div>
      {check.isError && <SourceProblem error={check.error} />}
      {changes && (
        <div className={classes.changes} role="status">
          {isSame ? (
            <p>Nothing has changed since the last import.</p>
          ) : (
            <dl>
              <Names title="New" names={changes.added} />
              <Names title="Changed" names={changes.changed} />
              <Names title="Gone" names={changes.removed} />
            </dl>
          )}
          {!isSame && isSaved && agentId !== undefined && (
            <Button size="compact-sm" loading={refresh.isPending} onClick={() => refresh.mutate(agentId)}>
              Refresh tools
            </Button>
          )}
          {!isSame && !isSaved && <p>Saving the agent imports them.</p>}
        </div>
      )}
      {refresh.isError && <Problem error={refresh.error} />}
    </>
  )
}

function Names({ title, names }: { title: string; names: readonly string[] }) {
  if (names.length === 0) return null
  return (
    <div>
      <dt>{title}</dt>
      <dd>{names.join(', ')}</dd>
    </div>
  )
}

/** Whether a tool is as it is saved, apart from what was imported. */
function isSameTool(tool: JsonObject, saved: Tool): boolean {
  const written = Object.entries(saved).filter(([name]) => name !== 'imported')
  return JSON.stringify(Object.fromEntries(written)) === JSON.stringify(tool)
}
