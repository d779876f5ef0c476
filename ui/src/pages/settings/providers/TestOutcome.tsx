import type { ProviderTestResult } from '../../../api/types.ts'
import { Notice } from '../../../components/Notice.tsx'
import { counted } from '../../../lib/amounts.ts'
import { ModelTable } from './ModelTable.tsx'

/** What became of a test, in the words of the provider. */
export function TestOutcome({ result }: { result: ProviderTestResult }) {
  const { ok, models, models_found: found } = result
  return (
    <>
      <Notice tone={ok ? 'good' : 'bad'} title={ok ? 'The provider works' : titleOf(result)}>
        {facts(result).map((fact) => (
          <p key={fact}>{fact}</p>
        ))}
      </Notice>
      {models.length > 0 && (
        <ModelTable models={models} label="Models found" total={found ?? models.length} />
      )}
    </>
  )
}

function titleOf({ reachable, key, error }: ProviderTestResult): string {
  if (!reachable) return `The provider ${error ?? 'cannot be reached'}`
  return key === 'rejected' ? 'The provider rejects the key' : 'The test failed'
}

const KEY: Readonly<Record<ProviderTestResult['key'], string>> = {
  accepted: 'The key is accepted.',
  rejected: 'The key is rejected.',
  unknown: 'The test could not determine whether the key is valid.',
  none: 'No key was sent.',
}

function facts({
  ok,
  reachable,
  key,
  error,
  call,
  latency_ms: ms,
  models_found: found,
}: ProviderTestResult): string[] {
  if (!reachable) return ['Check the base URL, and whether the server is running.']
  return [
    ...(ok || error === null ? [] : [sentence(error)]),
    ...(ok || key === 'accepted' ? [KEY[key]] : []),
    ...(found === null
      ? []
      : [`${counted(found, 'model')} found. Response time: ${ms.toLocaleString('en-GB')} ms.`]),
    ...(call?.ok ? [`A call to ${call.model} took ${call.latency_ms.toLocaleString('en-GB')} ms.`] : []),
  ]
}

function sentence(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}
