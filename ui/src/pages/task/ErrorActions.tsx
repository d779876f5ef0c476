import { Allowed } from '../../components/Allowed.tsx'
import type { TaskDetail } from '../../api/types.ts'
import { LinkButton } from '../../components/LinkButton.tsx'
import { ReplayTask } from './ReplayTask.tsx'

/** Errors caused by the agent's settings: these are changed first, then the task is replayed. */
const OF_THE_AGENT = new Set([
  'timed_out',
  'step_limit',
  'token_limit',
  'cost_limit',
  'output_too_large',
  'price_unknown',
  'template_failed',
  'provider_bad_request',
  'provider_not_configured',
  'model_not_found',
  'context_too_long',
  'content_refused',
  'model_timed_out',
  'output_invalid',
])

/** Errors that go away with another key or another provider. */
const OF_THE_PROVIDER = new Set(['provider_auth', 'provider_not_configured'])

/** Buttons for what an error suggests. */
export function ErrorActions({ task }: { task: TaskDetail }) {
  const code = task.error?.code ?? ''
  const isOfAgent = OF_THE_AGENT.has(code)
  const isOfProvider = OF_THE_PROVIDER.has(code)
  return (
    <>
      {isOfProvider && (
        <Allowed least="owner">
          <LinkButton to="/settings/$page" params={{ page: 'providers' }}>
            Open providers
          </LinkButton>
        </Allowed>
      )}
      {isOfAgent && (
        <Allowed least="editor">
          <LinkButton
            to="/agents/$agentId/configure"
            params={{ agentId: task.agent_id }}
            {...(isOfProvider ? { variant: 'default' } : {})}
          >
            Edit {task.agent_name}
          </LinkButton>
        </Allowed>
      )}
      <Allowed least="editor">
        <ReplayTask task={task} prominent={!isOfAgent && !isOfProvider} />
      </Allowed>
    </>
  )
}
