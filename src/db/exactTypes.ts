import pg from 'pg'
import { parseExact } from '../contract/exactJson.ts'

/** For queries that read external JSON, such as tool arguments and results: long numbers keep their digits. */
export const EXACT_JSON: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.JSON && format !== 'binary' ? parseExact : pg.types.getTypeParser(oid, format),
}
