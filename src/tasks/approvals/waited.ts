/** The total time that `tasks t` has waited if its current wait, if any, ends now. */
export const WAITED = `t.waited_ms + coalesce(extract(epoch from now() - t.waiting_since) * 1000, 0)::bigint`
