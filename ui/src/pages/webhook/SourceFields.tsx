import { Button, NativeSelect, PasswordInput } from '@mantine/core'
import type { SourceDescription, Webhook } from '../../api/types.ts'
import { CodeArea } from '../../components/CodeArea.tsx'
import { FormSection } from '../../components/FormSection.tsx'
import { Icon } from '../../components/Icon.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { textProps, type FormProps } from './fieldProps.ts'
import { HmacFields } from './HmacFields.tsx'
import { SetupSteps } from './SetupSteps.tsx'
import { MOST_SECRETS, type WebhookForm } from './webhookForm.ts'
import classes from './Fields.module.css'

type Props = FormProps & { webhook: Webhook; sources: SourceDescription[] }

/** Who may send, how that is verified, and what to do at the sender. */
export function SourceFields({ webhook, sources, ...props }: Props) {
  const { form } = props
  const source = sources.find(({ name }) => name === form.source)
  const field = (name: 'secrets' | 'hmac') => source?.fields.find((each) => each.name === name)
  const secret = field('secrets')
  return (
    <FormSection
      title="Source"
      about="The system that sends the requests. It decides how they are verified and how repeats are recognized."
    >
      <NativeSelect
        label="Source"
        description={source?.about}
        data={sources.map(({ name, title }) => ({ value: name, label: title }))}
        {...textProps(props, 'source', 'source')}
      />
      {secret && <Secrets {...props} webhook={webhook} field={secret} />}
      {(field('hmac') ?? (webhook.source === form.source ? webhook.hmac : undefined)) && (
        <HmacFields {...props} />
      )}
      {source && <SetupSteps source={source} url={webhook.url} />}
      <CodeArea
        label="Trusted authors"
        description={
          <>
            An expression (CEL) over a verified request, for example{' '}
            <code>payload.comment.author_association in [&quot;OWNER&quot;, &quot;MEMBER&quot;]</code>.
            Without one, no author is trusted.
          </>
        }
        minRows={1}
        maxRows={8}
        {...textProps(props, 'trusted', 'trusted')}
      />
    </FormSection>
  )
}

function Secrets({
  webhook,
  field,
  form,
  errors,
  onChange,
}: FormProps & { webhook: Webhook; field: SourceDescription['fields'][number] }) {
  const { count, updated_at: changedAt } = webhook.secrets
  return (
    <div className={classes.group}>
      {form.secrets.map((value, index) => (
        <PasswordInput
          // oxlint-disable-next-line react/no-array-index-key -- fields are only added at the end
          key={index}
          label={index === 0 ? field.label : `${field.label} (${index + 1})`}
          withAsterisk={field.required && count === 0 && index === 0}
          description={index === 0 ? field.hint : 'Either is accepted, for example while you rotate.'}
          placeholder={count === 0 ? '' : 'Leave empty to keep what is stored'}
          autoComplete="off"
          value={value}
          error={index === 0 ? errors.secrets : undefined}
          onChange={(event) => onChange({ secrets: form.secrets.with(index, event.currentTarget.value) })}
          data-field={index === 0 ? 'secrets' : undefined}
        />
      ))}
      <div className={classes.row}>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<Icon name="plus" size={14} />}
          disabled={form.secrets.length >= MOST_SECRETS}
          onClick={() => onChange({ secrets: [...form.secrets, ''] })}
        >
          Another secret
        </Button>
      </div>
      {count === 0 ? (
        <p className={classes.hint}>No secret stored.</p>
      ) : (
        <NativeSelect
          label={count === 1 ? 'Stored secret' : `Stored secrets: ${count}`}
          description={
            changedAt !== null && (
              <>
                Changed <RelativeTime at={changedAt} />.
              </>
            )
          }
          data={STORED.filter(({ value }) => value !== 'newest' || count > 1)}
          value={form.storedSecrets}
          onChange={({ currentTarget: { value } }) =>
            onChange({ storedSecrets: STORED.find((each) => each.value === value)?.value ?? 'replace' })
          }
          data-field="keep_secrets"
        />
      )}
    </div>
  )
}

const STORED: { value: WebhookForm['storedSecrets']; label: string }[] = [
  { value: 'replace', label: 'Keep; a new secret replaces what is stored' },
  { value: 'keep', label: 'Keep; a new secret is accepted as well, to rotate' },
  { value: 'newest', label: 'Keep only the newest' },
  { value: 'remove', label: 'Remove' },
]
