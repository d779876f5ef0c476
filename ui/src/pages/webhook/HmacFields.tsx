import { NativeSelect, TextInput } from '@mantine/core'
import { groupProps, type FormProps } from './fieldProps.ts'
import type { WebhookForm } from './webhookForm.ts'
import classes from './Fields.module.css'

type Name = keyof WebhookForm['hmac']

/** How requests are signed, where no source describes it. */
export function HmacFields(props: FormProps) {
  const bind = (name: Name) => groupProps(props, 'hmac', name)
  return (
    <div className={classes.numbers}>
      <TextInput label="Signature header" placeholder="X-Signature" spellCheck={false} {...bind('header')} />
      <NativeSelect label="Algorithm" data={['sha256', 'sha512', 'sha384', 'sha1']} {...bind('algorithm')} />
      <NativeSelect label="Encoding" data={['hex', 'base64', 'base64url']} {...bind('encoding')} />
      <TextInput label="Prefix" placeholder="sha256=" spellCheck={false} {...bind('prefix')} />
      <TextInput
        label="Signed text"
        description="{body}, {timestamp}, {id}, {url}, {method} or {header:NAME}"
        spellCheck={false}
        {...bind('signed')}
      />
      <TextInput
        label="Timestamp header"
        description="If the sender signs the time"
        spellCheck={false}
        {...bind('timestamp_header')}
      />
      <TextInput
        label="Tolerance (seconds)"
        description="How old a signature may be"
        placeholder="300"
        inputMode="numeric"
        {...bind('tolerance_seconds')}
      />
    </div>
  )
}
