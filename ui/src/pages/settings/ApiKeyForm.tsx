import { Button, NativeSelect, Radio, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type SyntheticEvent } from 'react'
import { call } from '../../api/client.ts'
import { apiKeysQuery } from '../../api/settingsQueries.ts'
import type { CreatedApiKey, Role } from '../../api/types.ts'
import { FormProblem } from '../../components/FormProblem.tsx'
import { useFormErrors } from '../../lib/useFormErrors.ts'
import { RoleSelect } from './people/RoleSelect.tsx'
import classes from './Settings.module.css'

const FIELDS = ['name', 'scope', 'agent_id', 'role'] as const

/** Creates a key, by default for one agent. */
export function ApiKeyForm({
  agents,
  onCreated,
  onCancel,
}: {
  agents: { id: string; name: string }[]
  onCreated: (created: CreatedApiKey) => void
  onCancel: () => void
}) {
  const client = useQueryClient()
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const [form, setForm] = useState<{ name: string; scope: string; agent_id: string; role: Role }>({
    name: '',
    scope: 'agent',
    agent_id: '',
    role: 'owner',
  })
  const create = useMutation({
    mutationFn: () => {
      const { agent_id: agentId, role, ...rest } = form
      const body = form.scope === 'agent' ? { ...rest, agent_id: agentId } : { ...rest, role }
      return call<CreatedApiKey>('POST', 'api/api_keys', { body })
    },
    // The key is in nobody's memory for longer than the page shows it.
    gcTime: 0,
    onSuccess: async (created) => {
      onCreated(created)
      await client.invalidateQueries({ queryKey: apiKeysQuery.queryKey })
    },
  })
  const { errors, isMarked, rest, setOwn } = useFormErrors(create.error, FIELDS)

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const own = {
      ...(form.name.trim() === '' ? { name: 'Enter a name.' } : {}),
      ...(form.scope === 'agent' && form.agent_id === '' ? { agent_id: 'Choose an agent.' } : {}),
    }
    setOwn(own)
    if (Object.keys(own).length === 0) create.mutate()
  }

  return (
    <form onSubmit={submit} noValidate className={classes.form} aria-label="Create key">
      <TextInput
        ref={first}
        label="Name"
        required
        placeholder="Billing service"
        maxLength={200}
        value={form.name}
        error={errors.name}
        onChange={(event) => setForm({ ...form, name: event.currentTarget.value })}
        data-field="name"
      />
      <Radio.Group
        label="Scope"
        value={form.scope}
        error={errors.scope}
        onChange={(scope) => setForm({ ...form, scope })}
      >
        <div className={classes.choices}>
          <Radio value="agent" label="Agent" description="Can only ask one agent" data-field="scope" />
          <Radio
            value="admin"
            label="Admin"
            description="The API and this console, as far as its role allows"
          />
        </div>
      </Radio.Group>
      {form.scope === 'agent' && (
        <NativeSelect
          label="Agent"
          required
          data={[
            { value: '', label: agents.length === 0 ? 'No agents yet' : 'Choose an agent' },
            ...agents.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value={form.agent_id}
          error={errors.agent_id}
          onChange={(event) => setForm({ ...form, agent_id: event.currentTarget.value })}
          data-field="agent_id"
        />
      )}
      {form.scope === 'admin' && (
        <RoleSelect role={form.role} error={errors.role} onChange={(role) => setForm({ ...form, role })} />
      )}
      <FormProblem error={create.error} isMarked={isMarked} rest={rest} />
      <div className={classes.actions}>
        <Button type="submit" loading={create.isPending}>
          Create key
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
