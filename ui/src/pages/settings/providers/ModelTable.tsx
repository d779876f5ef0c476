import type { ModelOffer } from '../../../api/types.ts'
import { NumberTable } from '../../../components/NumberTable.tsx'
import { compact } from '../../../lib/amounts.ts'
import classes from '../Settings.module.css'

/** Models with what they can do and cost. */
export function ModelTable({ models, label, total }: { models: ModelOffer[]; label: string; total: number }) {
  return (
    <div>
      <NumberTable label={label} columns={['Model', 'Can do', 'Context', 'Input, output (USD per million)']}>
        {models.map((offer) => (
          <tr key={offer.model}>
            <th scope="row">
              <code>{offer.model}</code>
            </th>
            <td>{abilities(offer)}</td>
            <td>{offer.context_length === null ? 'Unknown' : compact(offer.context_length)}</td>
            <td>{offer.price === null ? 'Unknown' : `${offer.price.input}, ${offer.price.output}`}</td>
          </tr>
        ))}
      </NumberTable>
      {total > models.length && <p className={classes.more}>and {total - models.length} more</p>}
    </div>
  )
}

function abilities({ tools, images, structured_output: schema }: ModelOffer): string {
  const words = [
    ...(tools ? ['tools'] : []),
    ...(images ? ['images'] : []),
    ...(schema ? ['output schema'] : []),
  ]
  const isUnknown = [tools, images, schema].every((one) => one === null)
  return words.length === 0 ? (isUnknown ? 'Unknown' : 'text') : words.join(', ')
}
