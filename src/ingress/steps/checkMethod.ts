import { BellwireError } from '../../errors.ts'
import { reject } from '../outcome.ts'
import type { StepEntry } from './step.ts'

/** Refuses a method that the webhook does not take. */
export const checkMethod: StepEntry = {
  applies: ({ options }) => options.methods.length < 2,
  run({ webhook, inbound }) {
    const allowed = webhook.options.methods
    if (allowed.includes(inbound.method)) return undefined
    const names = allowed.join(', ')
    return reject(
      new BellwireError('method_not_allowed', `This webhook takes ${names} only.`, {
        headers: { allow: [...allowed, 'HEAD', 'OPTIONS'].join(', ') },
      }),
      { reason: 'method_not_allowed', finding: { expected: names, received: inbound.method } },
    )
  },
}
