import fc from 'fast-check'

/**
 * Properties are tested with the same inputs in every run, so that tests fail because of a change and not by chance.
 * `FAST_CHECK_SEED` sets other inputs: `FAST_CHECK_SEED=$RANDOM npm test`.
 */
fc.configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? 2026) })
