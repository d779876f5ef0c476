import { Button, Skeleton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { secretsQuery } from '../../api/settingsQueries.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { LoadMore } from '../../components/LoadMore.tsx'
import { Problem } from '../../components/Notice.tsx'
import { Panel } from '../../components/Panel.tsx'
import { SecretForm } from './SecretForm.tsx'
import { SecretItem } from './SecretItem.tsx'
import classes from './Settings.module.css'
import { useDisclosure } from './useDisclosure.ts'

/** Values that tools and replies use by name. They can be set, never read. */
export function Secrets() {
  const query = useInfiniteQuery(secretsQuery)
  const form = useDisclosure()
  const secrets = query.data?.pages.flatMap((page) => page.data) ?? []
  return (
    <Panel
      title="Secrets"
      aside={
        <Allowed least="editor">
          <Button variant="default" size="xs" {...form.button}>
            Add secret
          </Button>
        </Allowed>
      }
    >
      <p className={classes.about}>
        Tools use them as <code>{'{{ secrets.NAME }}'}</code>. Values are encrypted and never shown.
      </p>
      {form.isOpen && <SecretForm onDone={form.close} />}
      {query.isError && !query.data && <Problem error={query.error} />}
      {query.isPending && <Skeleton height="4rem" />}
      {query.data && secrets.length === 0 && <p className={classes.none}>No secrets yet.</p>}
      {secrets.length > 0 && (
        <ul className={classes.list} aria-label="Secrets">
          {secrets.map((secret) => (
            <SecretItem key={secret.name} secret={secret} />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
    </Panel>
  )
}
