import { useQuery } from '@tanstack/react-query'
import { providersQuery } from '../api/queries.ts'
import { Allowed } from './Allowed.tsx'
import { LinkButton } from './LinkButton.tsx'
import { Notice } from './Notice.tsx'

/** For an installation whose only model is the demo: where to add a real one. Nothing otherwise. */
export function AddModelHint() {
  const { data: providers } = useQuery(providersQuery)
  if (!providers || providers.some(({ name, configured }) => configured && name !== 'demo')) return null
  return (
    <Notice
      title="Agents use the demo model, which gives canned answers"
      action={
        <Allowed least="owner">
          <LinkButton to="/settings/$page" params={{ page: 'providers' }} size="xs">
            Add a model provider
          </LinkButton>
        </Allowed>
      }
    >
      OpenAI, Anthropic, Google, or a server of your own such as Ollama.
    </Notice>
  )
}
