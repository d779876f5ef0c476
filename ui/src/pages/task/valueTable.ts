import { ExactNumber } from '../../../../src/contract/exactJson.ts'

/** The most rows and columns of a table. */
const MOST_ROWS = 200
const MOST_COLUMNS = 12

/** A value that can be shown as a table: a list of objects, or the members of one. */
export type Table =
  | { kind: 'rows'; columns: string[]; rows: unknown[][]; more: number }
  | { kind: 'members'; members: [name: string, value: unknown][] }

/** The table of a value; undefined if it cannot be shown as one. */
export function tableOf(value: unknown): Table | undefined {
  if (Array.isArray(value)) return rowsOf(value)
  if (!isRecord(value)) return undefined
  const members = Object.entries(value)
  return members.length === 0 ? undefined : { kind: 'members', members }
}

function rowsOf(list: unknown[]): Table | undefined {
  if (list.length === 0 || !list.every(isRecord)) return undefined
  const columns = [...new Set(list.slice(0, MOST_ROWS).flatMap((item) => Object.keys(item)))]
  if (columns.length === 0 || columns.length > MOST_COLUMNS) return undefined
  const rows = list.slice(0, MOST_ROWS).map((item) => columns.map((column) => item[column]))
  return { kind: 'rows', columns, rows, more: list.length - rows.length }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  )
}
