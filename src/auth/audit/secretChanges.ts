import type { AuditChange } from '../../contract/audit.ts'

/** A value of an object that is compared, and never recorded. */
export type AuditedSecret = {
  /** Names it in both states of the object. */
  key: string
  /** Names it in an entry: a JSON pointer into the object. */
  pointer: string
  value: string
}

/** Finds which secrets differ between two states of an object, without their values. */
export function secretChanges(
  before: readonly AuditedSecret[],
  after: readonly AuditedSecret[],
): AuditChange[] {
  const old = new Map(before.map((secret) => [secret.key, secret]))
  const kept = new Set(after.map(({ key }) => key))
  return [
    ...after.filter(({ key, value }) => old.get(key)?.value !== value),
    ...before.filter(({ key }) => !kept.has(key)),
  ].map(({ pointer }) => ({ pointer }))
}
