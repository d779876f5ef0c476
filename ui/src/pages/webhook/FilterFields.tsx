import { Button, Switch, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { fieldErrors } from '../../api/fieldErrors.ts'
import type { FilterTryAnswer, Webhook } from '../../api/types.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { CodeArea } from '../../components/CodeArea.tsx'
import { FormSection } from '../../components/FormSection.tsx'
import { Problem } from '../../components/Notice.tsx'
import { switchProps, textProps, type FormProps } from './fieldProps.ts'
import { FilterTried } from './FilterTried.tsx'
import classes from './Fields.module.css'

const TRIED = 100

/** Which requests start the agent, with a try of the expression on past requests. */
export function FilterFields({ webhook, ...props }: FormProps & { webhook: Webhook }) {
  const { form, onChange } = props
  const attempt = useMutation({
    mutationFn: (filter: string) =>
      call<FilterTryAnswer>('POST', `api/webhooks/${webhook.id}/filter/try`, {
        body: { filter, limit: TRIED },
      }),
  })
  const found = fieldErrors(attempt.error, ['filter']).fields.filter
  const own = textProps(props, 'filter', 'filter')
  const isTried = attempt.variables === form.filter
  return (
    <FormSection
      title="Filter"
      about={
        <>
          Only requests for which the expression (CEL) is true start the agent. It reads <code>payload</code>,{' '}
          <code>headers</code>, <code>query</code>, <code>event</code>, <code>method</code> and{' '}
          <code>source</code>.
        </>
      }
    >
      <CodeArea
        label="Filter"
        placeholder={'payload.action == "opened"'}
        minRows={2}
        maxRows={12}
        {...own}
        error={own.error ?? found}
        onChange={(event) => {
          attempt.reset()
          onChange({ filter: event.currentTarget.value })
        }}
      />
      <Allowed least="editor">
        <div className={classes.row}>
          <Button
            variant="default"
            loading={attempt.isPending}
            disabled={form.filter.trim() === ''}
            onClick={() => attempt.mutate(form.filter)}
          >
            Try on past requests
          </Button>
          <span className={classes.hint}>Changes nothing and starts nothing.</span>
        </div>
      </Allowed>
      {attempt.isError && found === undefined && <Problem error={attempt.error} />}
      {attempt.data && isTried && <FilterTried answer={attempt.data} />}
      <Switch
        label="Ignore events that the agent caused"
        description="Events about what a write tool of the agent made within the last hour."
        {...switchProps(props, 'ignore_own')}
      />
      <div className={classes.numbers}>
        <TextInput
          label="Loop limit"
          description="Events about one object in ten minutes. Tasks of further ones are held. 0: no limit"
          inputMode="numeric"
          {...textProps(props, 'loop_limit', 'loop_limit')}
        />
      </div>
    </FormSection>
  )
}
