import { Autocomplete, NativeSelect, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { secretsQuery } from '../../api/settingsQueries.ts'
import { CodeArea } from '../../components/CodeArea.tsx'
import { FoldedSection } from '../../components/FoldedSection.tsx'
import { groupProps, isFaulty, type FormProps } from './fieldProps.ts'
import { PLACES, TEXTS, type ReplyField, type ReplyForm } from './replyForm.ts'
import classes from './Fields.module.css'

const TITLES = Object.entries(PLACES).map(([value, { title }]) => ({ value, label: title }))

/** Where the answer is posted: one of the places that Bellwire knows. */
export function ReplyFields(props: FormProps) {
  const { form, errors, onChange } = props
  const { reply } = form
  const place = reply.to === '' ? undefined : PLACES[reply.to]
  return (
    <FoldedSection
      title="Reply"
      about="Posts each task’s answer to the place its event came from. Texts and places are Liquid templates over the payload."
      says={place?.title ?? 'No reply'}
      isFaulty={isFaulty(props, 'reply')}
    >
      <NativeSelect
        label="Reply to"
        description={place?.about}
        data={[{ value: '', label: 'No reply' }, ...TITLES]}
        value={reply.to}
        error={errors['reply/to'] ?? errors.reply}
        onChange={({ currentTarget: { value } }) =>
          onChange({ reply: { ...reply, to: isPlace(value) ? value : '' } })
        }
        data-field="reply/to"
      />
      {place && (
        <>
          <div className={classes.numbers}>
            {namesOf(place.fields).map((name) => (
              <PlaceField key={name} {...props} name={name} text={place.fields[name]} />
            ))}
            <NativeSelect
              label="Reply when"
              data={[
                { value: 'success', label: 'The task succeeded' },
                { value: 'failure,success', label: 'It succeeded or failed' },
                { value: 'failure', label: 'It failed' },
              ]}
              {...groupProps(props, 'reply', 'on')}
            />
          </div>
          <Template
            {...props}
            name="text"
            label="Text"
            description="Can use task_id, links, payload and result. If it renders as empty text, nothing is sent."
          />
          {reply.on.includes('failure') && (
            <Template
              {...props}
              name="failure_text"
              label="Text for failed tasks"
              description="The same, with error (code, message) instead of result."
            />
          )}
        </>
      )}
    </FoldedSection>
  )
}

function PlaceField({
  name,
  text,
  ...props
}: FormProps & {
  name: ReplyField
  text: { label: string; hint?: string; empty?: string; required?: boolean } | undefined
}) {
  if (!text) return null
  const { label, hint, empty, required = false } = text
  if (name === 'secret') return <SecretName {...props} hint={hint ?? ''} required={required} />
  if (name === 'visibility') {
    return (
      <NativeSelect
        label={label}
        data={[
          { value: 'in_channel', label: 'Everybody in the channel' },
          { value: 'ephemeral', label: 'Only the person who asked' },
        ]}
        {...groupProps(props, 'reply', name)}
      />
    )
  }
  return (
    <TextInput
      label={label}
      description={hint}
      placeholder={empty ?? ''}
      withAsterisk={required}
      spellCheck={false}
      {...groupProps(props, 'reply', name)}
    />
  )
}

/** The name of a secret of tools; its value is set under Settings. */
function SecretName({ hint, required, ...props }: FormProps & { hint: string; required: boolean }) {
  const { form, onChange } = props
  const { data } = useInfiniteQuery(secretsQuery)
  const names = data?.pages.flatMap((page) => page.data).map(({ name }) => name) ?? []
  const { value, error, 'data-field': field } = groupProps(props, 'reply', 'secret')
  return (
    <Autocomplete
      label="Secret"
      description={
        <>
          {hint}.{' '}
          <Link to="/settings/$page" params={{ page: 'secrets' }}>
            Add secrets
          </Link>
        </>
      }
      placeholder="Name of a secret"
      withAsterisk={required}
      data={names}
      spellCheck={false}
      autoComplete="off"
      value={value}
      error={error}
      onChange={(secret) => onChange({ reply: { ...form.reply, secret } })}
      data-field={field}
    />
  )
}

function Template({
  name,
  label,
  description,
  ...props
}: FormProps & { name: keyof typeof TEXTS; label: string; description: string }) {
  return (
    <CodeArea
      label={label}
      description={description}
      placeholder={TEXTS[name]}
      minRows={2}
      maxRows={12}
      {...groupProps(props, 'reply', name)}
    />
  )
}

function isPlace(value: string): value is Exclude<ReplyForm['to'], ''> {
  return value in PLACES
}

function namesOf(fields: object): ReplyField[] {
  return Object.keys(fields) as ReplyField[]
}
