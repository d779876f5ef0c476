import { countNames, MAX_TEMPLATE_NAMES } from '../../contract/templateParts.ts'
import { REPLY_VARIABLES, type Reply } from '../../contract/reply.ts'
import type { FieldError } from '../../errors.ts'
import { checkTemplate } from '../../tools/templates/template.ts'
import { NO_MAIL } from '../providers/mailer.ts'

/** Fields that are templates. */
const TEMPLATES = [
  'text',
  'failure_text',
  'channel',
  'thread',
  'url',
  'repository',
  'number',
  'project',
  'issue',
  'merge_request',
  'chat',
  'address',
  'subject',
  'in_reply_to',
]

/** Makes the function that finds what is wrong with a reply before it is saved. Pointers begin with `/reply`. */
export function createCheckReply({
  readSecret,
  hasMail,
}: {
  readSecret: (name: string) => Promise<string | undefined>
  /** Whether mail can be sent. */
  hasMail: boolean
}): (reply: Reply) => Promise<FieldError[]> {
  return async (reply) => {
    const errors: FieldError[] = []
    const note = (field: string, detail: string): void =>
      void errors.push({ pointer: `/reply/${field}`, detail })
    for (const [field, text] of Object.entries(reply)) {
      if (!TEMPLATES.includes(field) || typeof text !== 'string') continue
      if (countNames(text) > MAX_TEMPLATE_NAMES)
        note(field, `contains more than ${MAX_TEMPLATE_NAMES} names and filters`)
      const check = checkTemplate(text, REPLY_VARIABLES)
      if (!check.ok) note(field, check.detail)
    }
    const secret = 'secret' in reply ? reply.secret : undefined
    if (secret !== undefined && (await readSecret(secret)) === undefined) {
      note('secret', `there is no secret ${secret}; save it first: PUT /api/secrets/${secret}`)
    }
    if (reply.to === 'email' && !hasMail) note('to', NO_MAIL)
    return errors
  }
}
