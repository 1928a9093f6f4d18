/** One step of the schema. Released steps are never changed; new ones are added. */
export interface Migration {
  /** 1, 2, 3 … without gaps; becomes the database's `user_version`. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}
