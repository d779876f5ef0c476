import { DrizzleQueryError } from 'drizzle-orm'

/**
 * What the database's driver reported, without what the query builder wraps around it: that holds the SQL
 * and its values, which belong neither into an answer nor into a log.
 */
export function driverError(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? driverError(error.cause) : error
}
