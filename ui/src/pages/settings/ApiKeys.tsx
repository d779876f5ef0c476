import { Button, Skeleton } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { agentNamesQuery, apiKeysQuery } from '../../api/settingsQueries.ts'
import type { CreatedApiKey } from '../../api/types.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { LoadMore } from '../../components/LoadMore.tsx'
import { Problem } from '../../components/Notice.tsx'
import { Panel } from '../../components/Panel.tsx'
import { ApiKeyForm } from './ApiKeyForm.tsx'
import { ApiKeyItem } from './ApiKeyItem.tsx'
import classes from './Settings.module.css'
import { ShownOnce } from './ShownOnce.tsx'
import { useDisclosure } from './useDisclosure.ts'

/** The keys that programs call the API with. */
export function ApiKeys() {
  const query = useInfiniteQuery(apiKeysQuery)
  const agents = useQuery(agentNamesQuery)
  const form = useDisclosure()
  const [created, setCreated] = useState<CreatedApiKey>()
  const keys = query.data?.pages.flatMap((page) => page.data) ?? []
  return (
    <Panel
      title="API keys"
      aside={
        <Allowed least="owner">
          <Button variant="default" size="xs" {...form.button}>
            Create key
          </Button>
        </Allowed>
      }
    >
      <p className={classes.about}>
        An admin key can do what its role allows. An agent key can only ask its agent. Webhook URLs need no
        key.
      </p>
      {created && (
        <ShownOnce
          what="New API key"
          title={`Copy the key “${created.name}” now`}
          label="API key"
          text={created.key}
          copy="Copy key"
          onDone={() => {
            setCreated(undefined)
            form.close()
          }}
        >
          It is shown only once, because Bellwire stores only its hash. If you lose it, revoke it and create
          another.
        </ShownOnce>
      )}
      {form.isOpen && (
        <ApiKeyForm
          agents={agents.data ?? []}
          onCreated={(key) => {
            setCreated(key)
            form.close()
          }}
          onCancel={form.close}
        />
      )}
      {query.isError && !query.data && <Problem error={query.error} />}
      {query.isPending && <Skeleton height="4rem" />}
      {query.data && keys.length === 0 && <p className={classes.none}>No API keys yet.</p>}
      {keys.length > 0 && (
        <ul className={classes.list} aria-label="API keys">
          {keys.map((key) => (
            <ApiKeyItem
              key={key.id}
              apiKey={key}
              agentName={agents.data?.find(({ id }) => id === key.agent_id)?.name}
              onRevoked={() => {
                if (created?.id === key.id) setCreated(undefined)
              }}
            />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
    </Panel>
  )
}
