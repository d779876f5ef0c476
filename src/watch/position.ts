/** A snapshot of PostgreSQL: which transactions it sees. Transactions are numbered in the order in which they begin. */
export type Snapshot = {
  /** The first number that was not given yet: none from here on is visible. */
  next: bigint
  /** Earlier ones that were in progress, in order. */
  open: readonly bigint[]
}

/** Where a row is in the order of events: its transaction, and its place within. */
export type Place = { xid: bigint; kind: number; id: string; n: number }

/**
 * What a reader has seen: everything that a snapshot sees, and of one transaction the rows up to a place. Rows of
 * transactions that commit late are not in it, whatever came after them, so none is skipped and none comes twice.
 */
export type Position = Snapshot & { upTo?: Place | undefined }

/** Parses a `pg_snapshot`: `xmin:xmax:xip,xip`. */
export function parseSnapshot(text: string): Snapshot {
  const [, next = '0', open = ''] = text.split(':')
  return { next: BigInt(next), open: open === '' ? [] : open.split(',').map(BigInt) }
}

/** Whether a row is new to a reader. */
export function isAfter(place: Place, position: Position): boolean {
  if (place.xid < position.next && !position.open.includes(place.xid)) return false
  return (
    position.upTo === undefined || comparePlaces(place, position.upTo) > 0 || place.xid !== position.upTo.xid
  )
}

/** The order of rows: by transaction, then within. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.xid !== b.xid) return a.xid < b.xid ? -1 : 1
  if (a.kind !== b.kind) return a.kind - b.kind
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  return a.n - b.n
}

/** The order in which a reader goes on: a transaction that was begun is finished first. */
export function comparePlacesFrom({ upTo }: Position, a: Place, b: Place): number {
  return Number(a.xid !== upTo?.xid) - Number(b.xid !== upTo?.xid) || comparePlaces(a, b)
}

/**
 * Where a reader is who was at `from` and has read the rows up to `place`, in order, out of what `now` sees.
 *
 * @param isLast no more rows of the same transaction follow
 */
export function advance(from: Position, now: Snapshot, place: Place, isLast: boolean): Position {
  const { xid } = place
  if (from.upTo) {
    const done = withoutRest(from, from.upTo.xid)
    // What was begun is finished first: earlier transactions are still to come.
    if (from.upTo.xid === xid) return isLast ? done : { ...from, upTo: place }
    return advance(done, now, place, isLast)
  }
  const upTo = isLast ? undefined : place
  const own = isLast ? [] : [xid]
  if (xid >= from.next)
    return { next: xid + 1n, open: [...now.open.filter((one) => one < xid), ...own], upTo }
  const stillOpen = new Set([...now.open, ...own])
  return { next: from.next, open: from.open.filter((one) => one > xid || stillOpen.has(one)), upTo }
}

/** The position of a reader who has seen all that either position has seen. `whole` has seen no transaction in part. */
export function unite(whole: Snapshot, other: Position): Position {
  const isOpen = (xid: bigint, { next, open }: Snapshot): boolean => xid >= next || open.includes(xid)
  const [larger, smaller] = whole.next > other.next ? [whole, other] : [other, whole]
  const upTo = other.upTo && isOpen(other.upTo.xid, whole) ? other.upTo : undefined
  return { next: larger.next, open: larger.open.filter((xid) => isOpen(xid, smaller)), upTo }
}

/** A position that has seen all of a transaction. */
function withoutRest({ next, open }: Position, xid: bigint): Position {
  return { next, open: open.filter((one) => one !== xid) }
}

/** Whether a reader at `position` has seen everything that one at `other` has. */
export function hasSeen(position: Position, other: Position): boolean {
  if (position.next < other.next) return false
  return position.open.every((xid) => {
    if (xid >= other.next) return true
    if (!other.open.includes(xid)) return false
    return (
      other.upTo?.xid !== xid || (position.upTo?.xid === xid && comparePlaces(position.upTo, other.upTo) >= 0)
    )
  })
}

/** A position as the id of an event: short, and without a meaning for those who keep it. */
export function encodePosition({ next, open, upTo }: Position): string {
  const numbers = [next, ...open.map((xid) => next - xid)].map((number) => number.toString(36))
  const place = upTo
    ? `_${(next - upTo.xid).toString(36)}_${upTo.kind}_${upTo.id}_${upTo.n.toString(36)}`
    : ''
  return numbers.join('.') + place
}

const ID =
  /^[\da-z]{1,13}(?:\.[\da-z]{1,13}){0,2000}(?:_[\da-z]{1,13}_\d_[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}_[\da-z]{1,7})?$/

/** Undefined for a text that is no position. */
export function decodePosition(text: string): Position | undefined {
  if (!ID.test(text)) return undefined
  const [numbers = '', distance, kind, id, n] = text.split('_')
  const [next = 0n, ...open] = numbers.split('.').map(parseBase36)
  if (distance === undefined || kind === undefined || id === undefined || n === undefined) {
    return { next, open: open.map((one) => next - one) }
  }
  const upTo = { xid: next - parseBase36(distance), kind: Number(kind), id, n: Number.parseInt(n, 36) }
  return { next, open: open.map((one) => next - one), upTo }
}

function parseBase36(text: string): bigint {
  let number = 0n
  for (const digit of text) number = number * 36n + BigInt(Number.parseInt(digit, 36))
  return number
}
