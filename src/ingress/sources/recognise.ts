import type { IncomingHttpHeaders } from 'node:http'
import { isObject } from '../../contract/jsonObject.ts'

/** Whether a request has any of some headers. */
export function hasHeader(headers: IncomingHttpHeaders, ...names: string[]): boolean {
  return names.some((name) => headers[name] !== undefined)
}

/** Whether a payload is an object with all of some fields. */
export function hasFields(payload: unknown, ...names: string[]): boolean {
  return isObject(payload) && names.every((name) => Object.hasOwn(payload, name))
}
