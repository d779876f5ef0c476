import { isCredentialName } from './credentialNames.ts'
import { jsonPointer } from './fieldErrors.ts'
import { isObject, type JsonObject } from './jsonObject.ts'
import { evaluatedParts } from './templateParts.ts'

/** Shown in place of a credential. */
export const HIDDEN = '***'

/** A credential that is hard-coded in the settings of a tool, rather than kept as a secret. */
export type WrittenCredential = {
  path: (string | number)[]
  /** A JSON pointer into the tool. */
  pointer: string
  /** The text that holds it. */
  text: string
  /** The same text without the credential. */
  shown: string
}

/** Texts that are credentials by themselves: the part before the secret stays. */
const SECRETS = [
  /\b((?:bearer|basic)\s{1,8})[\w.~+/=-]{8,}/gi,
  /\b(bw_[a-z]+_|sk-|[sr]k_(?:live|test)_|gh[opsru]_|github_pat_|glpat-|xox[a-z]-|xapp-|AKIA|AIza|whsec_|SG\.)[\w.-]{8,}/g,
  /(\/bot)\d{5,20}:[\w-]{20,}/g,
  /(:\/\/hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/]{8,}/g,
  /(:\/\/(?:\w+\.)?discord(?:app)?\.com\/api\/webhooks\/)[\w/-]{8,}/g,
  /(:\/\/)[^/\s:@"'{}]{0,256}:[^/\s@"'{}]{1,1024}(?=@)/g,
]

/** Parameters in a URL or a form; values may be templates. */
const PARAMETER = /(^|[?&])([^=&?#{}\s]{1,200})=((?:\{\{[^{}]*\}\}|[^&#])*)/g

/** A field with a text in JSON. */
const FIELD = /("([^"\\]{1,200})"\s*:\s*")((?:[^"\\]|\\.)*)"/g

/** An option of a program with its value in the same argument, and the name of one whose value is the next. */
const OPTION = /^(--?([\w-]{1,100})=)(.+)$/s
const OPTION_NAME = /^--?([\w-]{1,100})$/

/** Words before a credential: Bearer, Basic, GenieKey. */
const SCHEME = /^[A-Za-z-]{1,20}$/

/** A text in a template that may be a credential; one in brackets is the name of a field. */
const LITERAL = /(?<!\[\s*)["']([\w+/=.-]{8,})["']/

/** Finds the credentials that are hard-coded in the settings of a tool of any type. */
export function writtenCredentials(tool: JsonObject): WrittenCredential[] {
  return [
    ...inText(tool, 'url', hideParameters),
    ...inText(tool, 'server', hideParameters),
    ...inText(tool, 'body', (body) => hideParameters(hideFields(body))),
    ...inRecord(tool, 'headers', isCredentialName),
    ...inRecord(tool, 'env', isCredentialName),
    ...inRecord(tool, 'auth', () => true),
    ...inArguments(tool),
  ]
}

function inText(tool: JsonObject, field: string, hide: (text: string) => string): WrittenCredential[] {
  const text = tool[field]
  return typeof text === 'string' ? found([field], text, hide(text)) : []
}

function inRecord(
  tool: JsonObject,
  field: string,
  isCredential: (name: string) => boolean,
): WrittenCredential[] {
  const record = tool[field]
  if (!isObject(record)) return []
  return Object.entries(record).flatMap(([name, text]) => {
    if (typeof text !== 'string') return []
    return found([field, name], text, isCredential(name) && isWritten(text) ? HIDDEN : text)
  })
}

function inArguments({ args }: JsonObject): WrittenCredential[] {
  if (!Array.isArray(args)) return []
  return args.flatMap((text: unknown, at) => {
    if (typeof text !== 'string') return []
    const before: unknown = args[at - 1]
    const option = typeof before === 'string' ? OPTION_NAME.exec(before)?.[1] : undefined
    const isValue = option !== undefined && isCredentialName(option) && !text.startsWith('-')
    const shown = text.replace(OPTION, (whole, start: string, name: string) =>
      isCredentialName(name) ? start + HIDDEN : whole,
    )
    return found(['args', at], text, isValue ? HIDDEN : shown)
  })
}

function found(path: (string | number)[], text: string, hidden: string): WrittenCredential[] {
  const shown = SECRETS.reduce((clean, secret) => clean.replace(secret, `$1${HIDDEN}`), hidden)
  return shown === text ? [] : [{ path, pointer: jsonPointer(path), text, shown }]
}

function hideParameters(text: string): string {
  return text.replace(PARAMETER, (whole, before: string, name: string, value: string) =>
    isCredentialName(name) && isWritten(value) ? `${before}${name}=${HIDDEN}` : whole,
  )
}

function hideFields(text: string): string {
  return text.replace(FIELD, (whole, start: string, name: string, value: string) =>
    isCredentialName(name) && isWritten(value) ? `${start}${HIDDEN}"` : whole,
  )
}

/** Whether a template has literal text where a credential belongs: more than the name of a scheme or a cookie. */
function isWritten(template: string): boolean {
  const parts = evaluatedParts(template)
  if (parts.some((part) => LITERAL.test(part))) return true
  const words = parts
    .reduce((text, part) => text.replace(part, ' '), template)
    .replaceAll(/[\w.-]+=/g, ' ')
    .split(/[\s:;,]+/)
    .filter((word) => word !== '')
  return words.some((word) => parts.length === 0 || !SCHEME.test(word))
}
