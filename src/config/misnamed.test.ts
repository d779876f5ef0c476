import { describe, expect, it } from 'vitest'
import { findMisnamed } from './misnamed.ts'
import { SETTINGS } from './settings.ts'

const KNOWN = Object.values(SETTINGS).map(({ name }) => name)
const find = (...names: string[]) => findMisnamed(Object.fromEntries(names.map((name) => [name, 'x'])), KNOWN)

describe('findMisnamed', () => {
  it.each([
    ['LOCAL_MODEL_BASEURL', 'LOCAL_MODEL_BASE_URL'],
    ['LOCAL_MODEL_URL', 'LOCAL_MODEL_BASE_URL'],
    ['LOCAL_MODEL_KEY', 'LOCAL_MODEL_API_KEY'],
    ['OPENAI_APIKEY', 'OPENAI_API_KEY'],
    ['OPEN_AI_API_KEY', 'OPENAI_API_KEY'],
    ['OPENAI_API_KEYS', 'OPENAI_API_KEY'],
    ['openai_api_key', 'OPENAI_API_KEY'],
    ['OPENAI_BASEURL', 'OPENAI_BASE_URL'],
    ['ANTHROPIC_API_KYE', 'ANTHROPIC_API_KEY'],
    ['GOOGLE_GENERATIVEAI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DATABASE_ULR', 'DATABASE_URL'],
    ['DATABASEURL', 'DATABASE_URL'],
    ['BELLWIRE_PUBLICURL', 'BELLWIRE_PUBLIC_URL'],
    ['BELWIRE_PUBLIC_URL', 'BELLWIRE_PUBLIC_URL'],
    ['bellwire_data_dir', 'BELLWIRE_DATA_DIR'],
    ['BELLWIRE_DATABASE_URL', 'DATABASE_URL'],
    ['BELLWIRE_OPENAI_API_KEY', 'OPENAI_API_KEY'],
    ['BELLWIRE_PORT', 'PORT'],
    ['OLLAMA-HOST', 'OLLAMA_HOST'],
    ['PROT', 'PORT'],
    ['Port', 'PORT'],
    ['HSOT', 'HOST'],
  ])('takes %s for %s', (name, setting) => {
    expect(find(name)).toEqual([expect.stringContaining(`no setting ${name}; did you mean ${setting}?`)])
  })

  it.each([
    'PATH HOME USER SHELL PWD LANG TERM TMPDIR NODE_ENV EDITOR LOGNAME',
    'HOSTNAME HOSTTYPE POST SPORT HTTP_PORT APP_PORT DB_HOST PGHOST PGPORT',
    'OPENAI_ORG_ID OPENAI_ORGANIZATION OPENAI_PROJECT_ID OPENAI_API_BASE OPENAI_API_TYPE OPENAI_API_KEY_2',
    'AZURE_OPENAI_API_KEY ANTHROPIC_AUTH_TOKEN ANTHROPIC_MODEL GOOGLE_API_KEY GEMINI_API_KEY',
    'DATABASE_HOST DATABASE_USER DATABASE_NAME TEST_DATABASE_URL DATABASE_URL_TEST POSTGRES_URL',
    'OLLAMA_MODELS OLLAMA_PORT OLLAMA_ORIGINS LOCAL_MODELS_DIR LOCALE',
    'OTEL_EXPORTER_OTLP_PROTOCOL OTEL_EXPORTER_OTLP_TRACES_ENDPOINT OTEL_EXPORTER_OTLP_TRACES_HEADERS',
    'OTEL_RESOURCE_ATTRIBUTES OTEL_SERVICE_VERSION OTEL_EXPORTER_OTLP_TIMEOUT',
  ])('leaves to others %s', (names) => {
    expect(find(...names.split(' '))).toEqual([])
  })

  it('leaves alone what is set under its own name as well, or empty', () => {
    expect(find('DATABASE_URI', 'DATABASE_URL')).toEqual([])
    expect(findMisnamed({ DATABASE_URI: ' ' }, KNOWN)).toEqual([])
  })

  it('leaves alone what Kubernetes says of a service called bellwire', () => {
    const env = {
      BELLWIRE_SERVICE_HOST: '10.0.0.1',
      BELLWIRE_SERVICE_PORT: '7091',
      BELLWIRE_SERVICE_PORT_HTTP: '7091',
      BELLWIRE_PORT: 'tcp://10.0.0.1:7091',
      BELLWIRE_PORT_7091_TCP: 'tcp://10.0.0.1:7091',
      BELLWIRE_PORT_7091_TCP_ADDR: '10.0.0.1',
      BELLWIRE_PORT_7091_TCP_PORT: '7091',
      BELLWIRE_PORT_7091_TCP_PROTO: 'tcp',
    }
    expect(findMisnamed(env, KNOWN)).toEqual([])
  })
})
