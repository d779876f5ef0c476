import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { secretsQuery } from '../../api/settingsQueries.ts'
import type { Secret } from '../../api/types.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { ConfirmButton } from './ConfirmButton.tsx'
import { SecretForm } from './SecretForm.tsx'
import classes from './Settings.module.css'
import { UsedBy } from './UsedBy.tsx'
import { useDisclosure } from './useDisclosure.ts'

/** One secret: who uses it, and the ways to replace or delete it. */
export function SecretItem({ secret }: { secret: Secret }) {
  const { name, used_by: users } = secret
  const form = useDisclosure()
  return (
    <li className={classes.item}>
      <div className={classes.names}>
        <p className={classes.name}>
          <code>{name}</code>
        </p>
        <p className={classes.more}>
          {users.length === 0 ? 'Not used' : <UsedBy agents={users} />}
          {' · set '}
          <RelativeTime at={secret.updated_at} />
        </p>
      </div>
      <Allowed least="editor">
        <div className={classes.actions}>
          <Button variant="default" size="xs" aria-label={`Replace value of ${name}`} {...form.button}>
            Replace value
          </Button>
          <DeleteSecret secret={secret} />
        </div>
      </Allowed>
      {form.isOpen && <SecretForm name={name} onDone={form.close} />}
    </li>
  )
}

function DeleteSecret({ secret: { name, used_by: users } }: { secret: Secret }) {
  const client = useQueryClient()
  return (
    <ConfirmButton
      action="Delete"
      name={name}
      run={() => call('DELETE', `api/secrets/${encodeURIComponent(name)}`)}
      onDone={() => client.invalidateQueries({ queryKey: secretsQuery.queryKey })}
    >
      {users.length === 0
        ? 'No agent uses it. The value cannot be restored.'
        : `Used by ${users.map((user) => user.name).join(', ')}. Tools and replies that need it fail until it is set again. The value cannot be restored.`}
    </ConfirmButton>
  )
}
