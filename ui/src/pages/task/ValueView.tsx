import { useState, type ReactNode } from 'react'
import { Code, Json } from '../../components/Code.tsx'
import { prettyJson } from '../../lib/json.ts'
import { tableOf, type Table } from './valueTable.ts'
import classes from './ValueView.module.css'

type Form = 'table' | 'json' | 'text'

const NAMES: Record<Form, string> = { table: 'Table', json: 'JSON', text: 'Text' }

/** A value as a table, as JSON or as text, as chosen from the forms that it has. */
export function ValueView({ label, value }: { label: string; value: unknown }) {
  const table = tableOf(value)
  const text = textOf(value)
  const forms: Form[] = [
    ...(text === undefined ? [] : (['text'] as const)),
    ...(table ? (['table'] as const) : []),
    'json',
  ]
  const [chosen, setChosen] = useState<Form>()
  const form = chosen !== undefined && forms.includes(chosen) ? chosen : (forms[0] ?? 'json')
  return (
    <div className={classes.view}>
      <div className={classes.head}>
        <p>{label}</p>
        {forms.length > 1 && (
          <div className={classes.forms} role="group" aria-label={`Show ${label.toLowerCase()} as`}>
            {forms.map((each) => (
              <button key={each} type="button" aria-pressed={each === form} onClick={() => setChosen(each)}>
                {NAMES[each]}
              </button>
            ))}
          </div>
        )}
      </div>
      {form === 'table' && table ? (
        <TableView label={label} table={table} />
      ) : form === 'text' && text !== undefined ? (
        <Code label={label} text={text} />
      ) : (
        <Json label={label} value={value} />
      )}
    </div>
  )
}

/** A text, or a value's only member if that is a text. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const members = Object.values(value)
  return members.length === 1 && typeof members[0] === 'string' && members[0].includes('\n')
    ? members[0]
    : undefined
}

function TableView({ label, table }: { label: string; table: Table }) {
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={label}>
      <table className={classes.table}>
        {table.kind === 'rows' ? (
          <>
            <thead>
              <tr>
                {table.columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row, index) => (
                // oxlint-disable-next-line react/no-array-index-key -- rows of one value, never moved
                <tr key={index}>
                  {row.map((cell, at) => (
                    <td key={table.columns[at]}>{cellOf(cell)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </>
        ) : (
          <tbody>
            {table.members.map(([name, member]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{cellOf(member)}</td>
              </tr>
            ))}
          </tbody>
        )}
      </table>
      {table.kind === 'rows' && table.more > 0 && (
        <p className={classes.more}>{table.more} more rows: see them as JSON.</p>
      )}
    </div>
  )
}

function cellOf(value: unknown): ReactNode {
  if (typeof value === 'string') return value
  if (value === undefined) return ''
  return <code>{prettyJson(value)}</code>
}
