import { Button, NativeSelect, PasswordInput, Switch, Textarea } from '@mantine/core'
import type { SourceDescription, Webhook } from '../../api/types.ts'
import { FormSection } from '../../components/FormSection.tsx'
import { Icon } from '../../components/Icon.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { switchProps, textProps, type FormProps } from './fieldProps.ts'
import { HmacFields } from './HmacFields.tsx'
import { SetupSteps } from './SetupSteps.tsx'
import classes from './Fields.module.css'

const MOST_SECRETS = 10

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
      <Textarea
        label="Trusted authors"
        description={
          <>
            An expression (CEL) over a verified request, for example{' '}
            <code>payload.comment.author_association in [&quot;OWNER&quot;, &quot;MEMBER&quot;]</code>.
            Without one, no author is trusted.
          </>
        }
        classNames={{ input: classes.code }}
        autosize
        minRows={1}
        maxRows={8}
        spellCheck={false}
        {...textProps(props, 'trusted', 'trusted')}
      />
    </FormSection>
  )
}

function Secrets({
  webhook,
  field,
  ...props
}: FormProps & { webhook: Webhook; field: SourceDescription['fields'][number] }) {
  const { form, errors, onChange } = props
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
          disabled={form.removeSecrets}
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
          disabled={form.removeSecrets || form.secrets.length >= MOST_SECRETS}
          onClick={() => onChange({ secrets: [...form.secrets, ''] })}
        >
          Another secret
        </Button>
        {count > 0 && <Switch label="Remove stored secrets" {...switchProps(props, 'removeSecrets')} />}
      </div>
      <p className={classes.hint}>
        {count === 0 ? (
          'No secret stored.'
        ) : (
          <>
            {count === 1 ? '1 secret' : `${count} secrets`} stored
            {changedAt !== null && (
              <>
                , changed <RelativeTime at={changedAt} />
              </>
            )}
            . Saving new ones replaces {count === 1 ? 'it' : 'them'}.
          </>
        )}
      </p>
    </div>
  )
}
