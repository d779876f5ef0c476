import type { ProviderTestResult } from '../../contract/provider.ts'
import type { ProviderKind } from '../../contract/providerKind.ts'
import { createModelFactory } from '../modelFactory.ts'
import type { ProviderSettings } from '../providerSettings.ts'
import { describeCallError } from './describeCallError.ts'
import { ListError } from './getJson.ts'
import type { ListedModel } from './listedModel.ts'
import { complete, readList } from './listProvider.ts'

type Fetch = typeof globalThis.fetch

/** The outcome of a test, with the models that were found. */
export type ProviderCheck = Omit<ProviderTestResult, 'models'> & { models: ListedModel[] }

const LIST_WITHIN_MS = 10_000

/** A local server may have to load the model first. */
const CALL_WITHIN_MS = 60_000

/** Cheap models to call, where there is a choice. */
const CHEAP: Partial<Record<ProviderKind, readonly string[]>> = {
  openai: ['gpt-5-nano', 'gpt-5-mini', 'gpt-4o-mini'],
  anthropic: ['claude-haiku-4-5', 'claude-haiku-4-5-20251001'],
  google: ['gemini-2.5-flash-lite', 'gemini-2.5-flash'],
}

/** OpenAI accepts no fewer. */
const MAX_TOKENS = 16

/**
 * Tests how a provider answers: asks for its models, and shows whether its key counts. A list that is given without the
 * key, too, shows nothing about the key: then a model is called. It never throws, and what it returns may contain the
 * key only if the provider repeats it.
 *
 * @param options.model a model to call in any case
 */
export async function testProvider(
  provider: ProviderSettings,
  {
    fetch,
    model,
    withinMs = CALL_WITHIN_MS,
  }: { fetch: Fetch; model?: string | undefined; withinMs?: number },
): Promise<ProviderCheck> {
  const { apiKey, ...keyless } = provider
  const started = performance.now()
  const list = await settle(readList(provider, { fetch, withinMs: Math.min(withinMs, LIST_WITHIN_MS) }))
  const latency_ms = Math.round(performance.now() - started)
  const found = 'value' in list ? list.value.map((one) => complete(one, provider)) : undefined
  const result: ProviderCheck = {
    ok: found !== undefined,
    reachable: true,
    key: apiKey === undefined ? 'none' : 'unknown',
    error: null,
    latency_ms,
    call: null,
    models_found: found?.length ?? null,
    models: found ?? [],
  }
  if ('error' in list) {
    const { reason, status, message } = list.error
    if (reason === 'unreachable') return { ...result, reachable: false, error: message }
    if (isRefusal(status))
      return { ...result, key: apiKey === undefined ? 'none' : 'rejected', error: message }
    // A server without a list may have models all the same.
    if (model === undefined) return { ...result, error: `${message}. Name a model to test without a list` }
  }
  if (apiKey !== undefined && found && (await isRefused(keyless, fetch))) result.key = 'accepted'
  const called = model ?? (result.key === 'unknown' ? chooseModel(provider, found ?? []) : undefined)
  return called === undefined ? result : addCall(result, provider, { fetch, called, withinMs })
}

async function addCall(
  result: ProviderCheck,
  provider: ProviderSettings,
  { fetch, called, withinMs }: { fetch: Fetch; called: string; withinMs: number },
): Promise<ProviderCheck> {
  const signal = AbortSignal.timeout(withinMs)
  const started = performance.now()
  const answer = await Promise.resolve(
    createModelFactory(
      provider,
      fetch,
    )(called).doGenerate({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Answer with the word OK.' }] }],
      maxOutputTokens: MAX_TOKENS,
      abortSignal: signal,
    }),
  ).then(
    () => undefined,
    (error: unknown) => describeCallError(error, signal),
  )
  const call = {
    model: called,
    ok: answer === undefined,
    latency_ms: Math.round(performance.now() - started),
  }
  const hasKey = provider.apiKey !== undefined
  if (answer === undefined) return { ...result, ok: true, key: hasKey ? 'accepted' : 'none', call }
  const key = hasKey && isRefusal(answer.status) && result.key === 'unknown' ? 'rejected' : result.key
  return { ...result, ok: false, key, call, error: `${called}: ${answer.words}` }
}

/** Whether the list is refused without the key: then the key is what opened it. */
async function isRefused(provider: ProviderSettings, fetch: Fetch): Promise<boolean> {
  const list = await settle(readList(provider, { fetch, withinMs: LIST_WITHIN_MS }))
  return 'error' in list && list.error.reason === 'refused'
}

function isRefusal(status: number | undefined): boolean {
  return status === 401 || status === 403
}

function chooseModel({ kind }: ProviderSettings, models: ListedModel[]): string | undefined {
  const cheap = CHEAP[kind]?.find((id) => models.some((model) => model.id === id))
  return cheap ?? models[0]?.id
}

async function settle<T>(promise: Promise<T>): Promise<{ value: T } | { error: ListError }> {
  try {
    return { value: await promise }
  } catch (error) {
    const known = error instanceof ListError ? error : undefined
    return { error: known ?? new ListError('unreadable', 'sent a list that cannot be read') }
  }
}
