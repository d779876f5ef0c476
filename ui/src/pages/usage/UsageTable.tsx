import type { ReactNode } from 'react'
import type { UsageTotals } from '../../../../src/contract/usageReport.ts'
import { NumberTable } from '../../components/NumberTable.tsx'
import { Panel } from '../../components/Panel.tsx'
import { count, usd } from '../../lib/numbers.ts'
import classes from './Usage.module.css'

/** Totals in columns, a row for each agent or model. */
export function UsageTable({
  title,
  rows,
}: {
  title: string
  rows: { key: string; name: ReactNode; totals: UsageTotals }[]
}) {
  if (rows.length === 0) {
    return (
      <Panel title={title}>
        <p className={classes.none}>No model calls in this period.</p>
      </Panel>
    )
  }
  return (
    <Panel title={title}>
      <NumberTable
        label={title}
        columns={[
          title.replace('By ', '').replace(/^./, (letter) => letter.toUpperCase()),
          'Cost',
          'Runs',
          'Model calls',
          'Input tokens',
          'Output tokens',
        ]}
      >
        {rows.map(({ key, name, totals }) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            <td>{totals.cost_usd == null ? 'No price' : usd(totals.cost_usd)}</td>
            <td>{count(totals.runs)}</td>
            <td>{count(totals.model_calls)}</td>
            <td>{count(totals.input_tokens)}</td>
            <td>{count(totals.output_tokens)}</td>
          </tr>
        ))}
      </NumberTable>
    </Panel>
  )
}
