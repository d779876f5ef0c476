/** JSON escapes of what a PostgreSQL text cannot hold: NUL and unpaired surrogates. */
const UNSTORABLE = String.raw`u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})`

/**
 * SQL that reads a member of a `json` column as text, or null. The column may contain any JSON: PostgreSQL's own `->>`
 * fails if the value has an escaped NUL or an unpaired surrogate anywhere in it, and the statement fails for all rows.
 * Here, both become the replacement character.
 *
 * @example jsonText('t.error', 'code')
 */
export function jsonText(column: string, member: string): string {
  const text = `${column}::text`
  const storable = String.raw`regexp_replace(${text}, '(?<!\\)((?:\\\\)*)\\${UNSTORABLE}', '\1\\ufffd', 'g')::json`
  return String.raw`(case when ${text} ~ '\\${UNSTORABLE}' then ${storable} else ${column} end ->> '${member}')`
}
