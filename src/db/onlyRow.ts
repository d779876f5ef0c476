/** The row of a statement that always returns one: an insert with `returning`, an update of a locked row. */
export function onlyRow<Row>({ rows }: { rows: Row[] }): Row {
  const [row] = rows
  if (row === undefined) throw new Error('a statement that always gives a row gave none')
  return row
}
