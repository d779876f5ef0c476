import type { FastifyInstance } from 'fastify'
import { answerFields, type AnswerField } from '../../contract/answerFields.ts'
import { parseFields } from '../../ingress/payload/fields.ts'
import { ANSWER_PREFIX } from './approvalPage.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The fields that the form of an approval's page has sent; undefined for any other body. */
    approvalForm: URLSearchParams | undefined
  }
}

const TYPE = 'application/x-www-form-urlencoded'

/** Lets the routes of a scope take the forms of the page of an approval, beside JSON. */
export function takeApprovalForms(scope: FastifyInstance): void {
  scope.decorateRequest('approvalForm', undefined)
  scope.addContentTypeParser(TYPE, { parseAs: 'string', bodyLimit: 64 * 1024 }, (request, body, done) => {
    request.approvalForm = parseFields(String(body))
    done(null, undefined)
  })
}

/** The answer in a form, by the JSON Schema that it must match. What is no value of its type is left as a text. */
export function answerOfForm(
  form: URLSearchParams,
  schema: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    answerFields(schema).flatMap((field) => {
      const value = valueOf(field, form.getAll(`${ANSWER_PREFIX}${field.name}`))
      return value === undefined ? [] : [[field.name, value]]
    }),
  )
}

function valueOf({ kind, required }: AnswerField, texts: string[]): unknown {
  const [text = ''] = texts
  switch (kind) {
    case 'boolean':
      return text === 'true'
    case 'choices':
      return texts.length > 0 || required ? texts : undefined
    case 'number':
      return text.trim() === '' ? undefined : (toNumber(text) ?? text)
    case 'json':
      return text.trim() === '' ? undefined : (toJson(text) ?? text)
    case 'choice':
      return text === '' && !required ? undefined : text
    case 'text':
      // Forms end lines with CR and LF.
      return text === '' && !required ? undefined : text.replaceAll('\r\n', '\n')
  }
}

function toNumber(text: string): number | undefined {
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
