import { randomFillSync } from 'node:crypto'

const pool = Buffer.alloc(16 * 256)
let used = pool.length

/**
 * Generates an id: a UUID version 7 (RFC 9562), the time in milliseconds, then 74 random bits. Ordered by time, so that
 * new rows are adjacent in the index; unguessable, since a task's id is the permission to read it.
 */
export function newId(now: number = Date.now()): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const start = used
  used += 16
  pool.writeUIntBE(now, start, 6)
  pool.writeUInt8((pool.readUInt8(start + 6) & 0x0f) | 0x70, start + 6)
  pool.writeUInt8((pool.readUInt8(start + 8) & 0x3f) | 0x80, start + 8)
  const hex = pool.toString('hex', start, used)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a text has the format of an id. */
export function isId(text: string): boolean {
  return PATTERN.test(text)
}

/** The time in an id, in milliseconds since 1970: by the clock of the process that made it. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
}

/** The lowest id that can be given at an instant (epoch milliseconds). */
export function idAt(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`
}
