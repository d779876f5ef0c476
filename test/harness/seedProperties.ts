import fc from 'fast-check'

/**
 * Properties are tried with the same inputs in every run, so that a change is what fails a test and not chance.
 * `FAST_CHECK_SEED` tries others: `FAST_CHECK_SEED=$RANDOM npm test`.
 */
fc.configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? 2026) })
