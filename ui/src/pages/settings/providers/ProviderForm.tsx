import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { ApiError } from '../../../api/apiError.ts'
import { call } from '../../../api/client.ts'
import type { Provider, ProviderTestResult } from '../../../api/types.ts'
import { MergeChanges } from '../../../components/MergeChanges.tsx'
import { FormProblem } from '../../../components/FormProblem.tsx'
import { Notice } from '../../../components/Notice.tsx'
import { mergeForms } from '../../../lib/mergeForms.ts'
import { useFormErrors } from '../../../lib/useFormErrors.ts'
import { LeaveGuard } from '../../agent/LeaveGuard.tsx'
import classes from '../Settings.module.css'
import { HeaderFields } from './HeaderFields.tsx'
import type { Preset } from './presets.ts'
import { formOf, inputOf, PROVIDER_FIELDS, type ProviderFields } from './providerForm.ts'
import { TestOutcome } from './TestOutcome.tsx'

const LABELS: Readonly<Record<keyof ProviderFields, string>> = {
  name: 'Name',
  kind: 'Kind',
  base_url: 'Base URL',
  api_key: 'API key',
  headers: 'Headers',
  schema_with_tools: 'Output schema beside tools',
  images: 'Images of tools',
}

/** The settings of a provider, which can be tested before they are saved. */
export function ProviderForm({
  initial,
  saved,
  preset,
  onDone,
}: {
  initial: ProviderFields
  /** What is saved; absent: it is a new one. */
  saved?: Provider
  preset?: Preset
  onDone: () => void
}) {
  const client = useQueryClient()
  const [base, setBase] = useState({ form: initial, version: saved?.version ?? null })
  const [form, setForm] = useState(initial)
  const [theirs, setTheirs] = useState<Provider>()
  const path = `api/providers/${encodeURIComponent(form.name.trim())}`

  const save = useMutation({
    mutationFn: () =>
      call('PUT', path, {
        body: inputOf(form),
        headers: saved ? { 'if-match': `"${base.version}"` } : { 'if-none-match': '*' },
      }),
    onSuccess: async () => {
      await Promise.all(['providers', 'models'].map((key) => client.invalidateQueries({ queryKey: [key] })))
      onDone()
    },
    onError: async (error) => {
      if (saved && ApiError.isOvertaken(error)) setTheirs(await call<Provider>('GET', path))
    },
  })
  const test = useMutation({
    mutationFn: () => call<ProviderTestResult>('POST', `${path}/test`, { body: { settings: inputOf(form) } }),
  })
  const { errors, isMarked, rest, setOwn } = useFormErrors(save.error ?? test.error, PROVIDER_FIELDS)
  const failure = [save.error, test.error].find((error) => error !== null)
  const isTaken = !saved && ApiError.isOvertaken(save.error)
  const isDirty = JSON.stringify(form) !== JSON.stringify(base.form)

  function begin(action: typeof save | typeof test): void {
    save.reset()
    test.reset()
    const own = {
      ...(form.name.trim() === '' ? { name: 'Enter a name.' } : {}),
      ...(form.kind === 'openai_compatible' && form.base_url.trim() === ''
        ? { base_url: 'Enter a URL.' }
        : {}),
      ...(preset?.needsKey && form.api_key.trim() === '' ? { api_key: 'Enter a key.' } : {}),
    }
    setOwn(own)
    if (Object.keys(own).length === 0) action.mutate()
  }
  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    begin(save)
  }
  const text = (field: 'name' | 'base_url' | 'api_key') => ({
    value: form[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) =>
      setForm({ ...form, [field]: event.currentTarget.value }),
    'data-field': field,
    spellCheck: false,
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as (
      'label' | 'input' | 'description' | 'error'
    )[],
  })

  return (
    <form
      onSubmit={submit}
      noValidate
      className={classes.form}
      aria-label={saved ? `Edit ${saved.name}` : 'Add provider'}
    >
      {theirs && (
        <MergeChanges
          title="Somebody else has changed this provider"
          merge={mergeForms(base.form, form, formOf(theirs))}
          theirs={formOf(theirs)}
          labelOf={(field) => LABELS[field]}
          onMerge={(merged) => rebase(merged)}
          onDiscard={() => rebase(formOf(theirs))}
        />
      )}
      <div className={classes.pair}>
        {!saved && (
          <TextInput
            label="Name"
            required
            placeholder="myvllm"
            description={`Models are named ${form.name.trim() || 'name'}/model.`}
            autoComplete="off"
            maxLength={40}
            classNames={{ input: classes.mono }}
            {...text('name')}
          />
        )}
        <TextInput
          label="Base URL"
          required={form.kind === 'openai_compatible'}
          placeholder={form.kind === 'openai_compatible' ? 'http://localhost:8000/v1' : "The provider's own"}
          description="Include the API version. The server may be on this machine or in your network."
          inputMode="url"
          classNames={{ input: classes.mono }}
          {...text('base_url')}
        />
      </div>
      <PasswordInput
        label={saved?.api_key.set ? 'New API key' : 'API key'}
        required={preset?.needsKey ?? false}
        {...(preset?.keyHint === undefined ? {} : { placeholder: preset.keyHint })}
        description={keyHelp(saved, form, preset?.needsKey ?? false)}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': 'Show what you typed' }}
        {...text('api_key')}
      />
      <details className={classes.listed} open={form.headers.length > 0 || errors.headers !== undefined}>
        <summary>More settings</summary>
        <div className={classes.moreFields}>
          <HeaderFields
            headers={form.headers}
            error={errors.headers}
            onChange={(headers) => setForm({ ...form, headers })}
          />
          <div className={classes.pair}>
            <NativeSelect
              label={LABELS.schema_with_tools}
              description="How an output schema is sent to a model that also has tools"
              data={[
                { value: '', label: 'Default for this kind' },
                { value: 'response_format', label: 'As a response format' },
                { value: 'prompt', label: 'In the prompt' },
              ]}
              value={form.schema_with_tools}
              error={errors.schema_with_tools}
              onChange={(event) =>
                setForm({
                  ...form,
                  schema_with_tools: event.currentTarget.value as ProviderFields['schema_with_tools'],
                })
              }
              data-field="schema_with_tools"
            />
            <NativeSelect
              label={LABELS.images}
              description="Whether images that tools return are sent to the model"
              data={[
                { value: '', label: 'Decided by the model name' },
                { value: 'always', label: 'Always' },
                { value: 'never', label: 'Never' },
              ]}
              value={form.images}
              error={errors.images}
              onChange={(event) =>
                setForm({ ...form, images: event.currentTarget.value as ProviderFields['images'] })
              }
              data-field="images"
            />
          </div>
        </div>
      </details>
      {test.data && <TestOutcome result={test.data} />}
      {isTaken && (
        <Notice tone="bad" title={`A provider named ${form.name} already exists. Choose another name.`} />
      )}
      <FormProblem error={isTaken || theirs ? null : failure} isMarked={isMarked} rest={rest} />
      <div className={classes.actions}>
        <Button
          type="submit"
          loading={save.isPending}
          disabled={theirs !== undefined || (saved !== undefined && !isDirty)}
        >
          {saved ? 'Save' : 'Add provider'}
        </Button>
        <Button variant="default" loading={test.isPending} onClick={() => begin(test)}>
          Test
        </Button>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
      </div>
      <LeaveGuard dirty={isDirty && !save.isSuccess} />
    </form>
  )

  function rebase(next: ProviderFields): void {
    if (!theirs) return
    setBase({ form: formOf(theirs), version: theirs.version })
    setForm(next)
    setTheirs(undefined)
    save.reset()
  }
}

function keyHelp(saved: Provider | undefined, { kind }: ProviderFields, isNeeded: boolean): string {
  if (saved?.api_key.set) return 'Leave empty to keep the saved key. A different server needs it again.'
  return kind === 'openai_compatible' && !isNeeded
    ? 'If the server needs one.'
    : 'Encrypted, and never shown again.'
}
