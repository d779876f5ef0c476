import type { NoticeRules } from '../../contract/notice.ts'
import type { Queryable } from '../../db/database.ts'
import type { NewNotice } from '../notice.ts'

/**
 * Looks at what is committed, and says what people should know of it. Called again and again: the keys of its notices
 * make each of them count once.
 */
export type Cause = (db: Queryable, rules: NoticeRules) => Promise<NewNotice[]>
