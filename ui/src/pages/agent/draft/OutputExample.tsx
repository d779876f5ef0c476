import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { schemaExampleQuery } from '../../../api/draftQueries.ts'
import { Json } from '../../../components/Code.tsx'
import { parseJson } from '../../../lib/json.ts'
import classes from './OutputExample.module.css'

const PAUSE_MS = 500

/** An answer that fits a schema, as far as the schema can be read. */
export function OutputExample({ schema: text }: { schema: string }) {
  const [settled] = useDebouncedValue(text, PAUSE_MS)
  const schema = useMemo(() => readSchema(settled), [settled])
  const { data } = useQuery(schemaExampleQuery(schema))
  if (!schema || !data) return null
  return (
    <div className={classes.shown}>
      <h3>Answer that fits</h3>
      <Json label="Answer that fits" value={data.example} />
      {data.mismatches.length > 0 && (
        <p>
          It does not fit the whole schema, because values for some keywords cannot be generated:{' '}
          {data.mismatches
            .slice(0, 3)
            .map(({ pointer, detail }) => `${pointer || 'the answer'} ${detail}`)
            .join('; ')}
          .
        </p>
      )}
    </div>
  )
}

function readSchema(text: string): object | undefined {
  if (text.trim() === '') return undefined
  const parsed = parseJson(text)
  const isObject = parsed.ok && typeof parsed.value === 'object' && !Array.isArray(parsed.value)
  return isObject ? (parsed.value ?? undefined) : undefined
}
