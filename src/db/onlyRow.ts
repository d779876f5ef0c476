/** The row of a statement that always gives one: an insert with `returning`, a change of a row that is locked. */
export function onlyRow<Row>({ rows }: { rows: Row[] }): Row {
  const [row] = rows
  if (row === undefined) throw new Error('a statement that always gives a row gave none')
  return row
}
