/**
 * Settings of a small server that must not lose data or log secrets: errors are logged without the statement and the
 * values that caused them.
 */
export const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_compression: 'on',
  max_wal_size: '1GB',
  // Many short queries: compiling them costs more than it gains.
  jit: 'off',
  // A queue's tables turn over faster than the default minute.
  autovacuum_naptime: '15s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
}

/** The text of a PostgreSQL configuration file with these settings. */
export function renderSettings(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`)
  return [
    '# Written at every start. Put your own settings in local.conf, next to this file.',
    ...lines,
    '',
  ].join('\n')
}
