/** One step of the schema. Steps are never changed once released; a new one is added instead. */
export interface Migration {
  /** 1, 2, 3 … without gaps: the database's `user_version` after it. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}
