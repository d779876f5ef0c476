/**
 * Each layer is a folder of `src`, with the layers that it may import. All other imports are refused; `errors.ts` may be
 * imported by all but the leaves. The lint rules are generated from this table, so a new folder needs a line here.
 */
export const LAYERS: Record<string, readonly string[]> = {
  cli: ['app', 'config', 'db', 'models', 'runner', 'telemetry'],
  app: [
    'agent',
    'agents',
    'auth',
    'config',
    'contract',
    'db',
    'delivery',
    'http',
    'ingress',
    'models',
    'notices',
    'queue',
    'runner',
    'schedules',
    'secrets',
    'tasks',
    'telemetry',
    'tools',
    'upkeep',
    'watch',
    'webhooks',
  ],
  http: [
    'agents',
    'auth',
    'config',
    'contract',
    'db',
    'delivery',
    'ingress',
    'notices',
    'queue',
    'schedules',
    'secrets',
    'tasks',
    'telemetry',
    'watch',
    'webhooks',
  ],
  ingress: ['config', 'contract', 'db', 'tasks', 'telemetry', 'tools', 'webhooks'],
  webhooks: ['agents', 'config', 'contract', 'db', 'secrets'],
  agents: ['config', 'contract', 'db', 'secrets'],
  secrets: ['config', 'contract', 'db'],
  auth: ['config', 'contract', 'db', 'telemetry'],
  runner: ['agent', 'config', 'contract', 'db', 'queue', 'tasks', 'telemetry'],
  delivery: ['agents', 'config', 'contract', 'db', 'queue', 'secrets', 'tasks', 'telemetry', 'tools'],
  notices: ['config', 'contract', 'db', 'delivery', 'secrets', 'tasks', 'telemetry', 'tools', 'upkeep'],
  schedules: ['agents', 'config', 'contract', 'db', 'queue', 'tasks', 'telemetry', 'tools', 'upkeep'],
  upkeep: ['config', 'contract', 'db', 'ingress', 'queue', 'tasks', 'telemetry'],
  watch: ['config', 'contract', 'db', 'tasks', 'telemetry'],
  tasks: ['config', 'contract', 'db', 'queue', 'telemetry', 'tools'],
  queue: ['config', 'contract', 'db', 'telemetry'],
  agent: ['config', 'contract', 'models', 'telemetry', 'tools'],
  models: ['config', 'contract', 'telemetry'],
  tools: ['config', 'contract', 'telemetry'],
  db: ['config', 'contract', 'telemetry'],
  contract: [],
  config: ['contract'],
  telemetry: [],
}

/** Leaves without API errors: they do not import even `errors.ts`. */
export const BARE_LEAVES: readonly string[] = ['config', 'telemetry']

/** What the console may import from the server. */
export const CONSOLE_MAY_IMPORT: readonly string[] = ['contract/', 'errors\\.ts$']
